// Date tokens as Slack shows them, in the viewer's zone (docs.slack.dev, "Date formatting").

const DAY = 86_400;
const HALF_YEAR = 182 * DAY;
const UNITS = [[DAY, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
const DIGITS = { year: "numeric", month: "2-digit", day: "2-digit" };

function part(moment, zone, options) {
  return new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }).format(moment);
}

function ordinal(number) {
  const last = number % 10;
  const teen = Math.floor(number / 10) % 10 === 1;
  return `${number}${teen ? "th" : { 1: "st", 2: "nd", 3: "rd" }[last] ?? "th"}`;
}

function dayKey(moment, zone) {
  return part(moment, zone, DIGITS).replace(/(\d+)\/(\d+)\/(\d+)/, "$3-$1-$2");
}

/** Return "Today", "Yesterday" or "Tomorrow", else "". */
export function near(unix, now, zone) {
  const day = dayKey(unix * 1000, zone);
  const names = [["Today", 0], ["Yesterday", -DAY], ["Tomorrow", DAY]];
  return names.find(([, off]) => dayKey((now + off) * 1000, zone) === day)?.[0] ?? "";
}

function long(moment, zone, withYear) {
  const month = part(moment, zone, { month: "long" });
  const day = ordinal(Number(part(moment, zone, { day: "numeric" })));
  return `${month} ${day}${withYear ? `, ${part(moment, zone, { year: "numeric" })}` : ""}`;
}

function short(moment, zone, withYear) {
  return part(moment, zone, { month: "short", day: "numeric", ...(withYear ? { year: "numeric" } : {}) });
}

function ago(unix, now) {
  const away = Math.abs(now - unix);
  const [size, name] = UNITS.find(([one]) => away >= one) ?? UNITS.at(-1);
  const count = Math.round(away / size);
  const span = `${count} ${name}${count === 1 ? "" : "s"}`;
  return unix > now ? `in ${span}` : `${span} ago`;
}

/** Return a time of day: 10:00 AM. */
export function time(unix, zone) {
  return part(unix * 1000, zone, { hour: "numeric", minute: "2-digit" });
}

/** Return a day as calendars have it: Wednesday, January 14, 2026. */
export function calendarDay(unix, zone) {
  return part(unix * 1000, zone, { weekday: "long", month: "long", day: "numeric", year: "numeric" });
}

/** Return a day in full: Sunday, January 18th, 2026; the year only when it is far. */
export function dayName(unix, now, zone) {
  const moment = unix * 1000;
  const year = Math.abs(now - unix) > HALF_YEAR;
  return near(unix, now, zone) || `${part(moment, zone, { weekday: "long" })}, ${long(moment, zone, year)}`;
}

/** Fill the tokens of a date's format; an unknown token stays as it is. */
export function dateText(unix, format, now, zone) {
  const moment = unix * 1000;
  const year = Math.abs(now - unix) > HALF_YEAR;
  const weekday = () => `${part(moment, zone, { weekday: "long" })}, `;
  const close = near(unix, now, zone).toLowerCase();
  const known = {
    date_num: () => dayKey(moment, zone),
    date: () => long(moment, zone, year),
    date_short: () => short(moment, zone, year),
    date_long: () => weekday() + long(moment, zone, year),
    date_pretty: () => close || long(moment, zone, year),
    date_short_pretty: () => close || short(moment, zone, year),
    date_long_pretty: () => close || weekday() + long(moment, zone, year),
    time: () => time(unix, zone),
    time_secs: () => part(moment, zone, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(unix, now),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => known[name]?.() ?? whole);
}
