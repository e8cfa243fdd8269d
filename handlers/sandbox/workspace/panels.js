// What stands beside the conversation: the CRM, faults, the traffic.

import { h, press, show, sync } from "./dom.js";
import { exchange, mishap } from "./net.js";

const PARTS = { crm, faults, traffic };
export const TITLES = { crm: "CRM", faults: "Faults", traffic: "Traffic" };

/** Show a panel in `holder`; what the person has unfolded stays unfolded. */
export function showPanel(holder, name, data) {
  const unfolded = new Set([...holder.querySelectorAll("details[open]")].map((one) => one.dataset.focus));
  // Traffic comes while somebody reads in it: its rows are kept one by one.
  show(holder, [name, name === "traffic" || data], () => PARTS[name](data));
  for (const one of holder.querySelectorAll("details")) if (unfolded.has(one.dataset.focus)) one.open = true;
  if (name === "traffic") sync(holder.querySelector(".wires"), data.rows, (row) => row.key, wire);
}

function none(text) {
  return h("p", { class: "none" }, text);
}

function list(rows, each) {
  return h("ul", { class: "rows" }, rows.map(each));
}

function crm(data) {
  const days = data.days.map((day) => [h("h4", {}, day.day), list(day.meetings, meeting)]);
  const zone = h("small", {}, data.zone);
  const meetings = [h("h3", {}, "Meetings", zone), days.length ? days : none("No meetings yet.")];
  const jobs = [h("h3", {}, "Bulk jobs"), data.jobs.length ? list(data.jobs, job) : none("No jobs yet.")];
  return [
    h("section", { "aria-label": "Meetings" }, meetings),
    h("section", { "aria-label": "Bulk jobs" }, jobs),
    Object.entries(data.lists).map(([title, rows]) => people(title, rows, data.counts[title] ?? rows.length)),
  ];
}

function people(title, rows, count) {
  const some = count > rows.length ? `${count}, the first ${rows.length} shown` : `${count}`;
  return h("details", { "data-focus": title }, h("summary", {}, `${title} (${some})`),
    list(rows, (row) => h("li", {}, h("strong", {}, row.name), h("small", {}, row.about))));
}

function meeting(data) {
  const series = [data.part, data.rule].filter(Boolean).join(" · ");
  const guests = data.people.join(", ") || "nobody invited";
  return h("li", { class: data.cancelled ? "cancelled" : "" },
    h("strong", {}, `${data.time}  ${data.title}`), data.cancelled && h("span", { class: "tag" }, "CANCELLED"),
    series && h("small", {}, series),
    h("small", {}, [data.venue, guests, `by ${data.owner}`].filter(Boolean).join(" · ")));
}

function job(data) {
  return h("li", {}, h("span", { class: `state ${data.state === "FAILURE" ? "bad" : ""}` }, data.state),
    h("strong", {}, `${data.module}, page ${data.page}`),
    h("small", {}, `${data.created} · by ${data.by} · ${data.callback ? "calls back" : "no callback"}`));
}

function cause(name, title, style = "") {
  return press({ class: `button ${style}`, "data-focus": name, onclick: () => mishap(name) }, title);
}

function fault(one) {
  const about = one.about && h("small", {}, one.about);
  return h("li", { class: about ? null : "short" }, cause(one.name, one.title), about);
}

function faults(data) {
  const armed = h("ul", { class: "rows armed" }, data.armed.map((one) => h("li", {}, one)));
  const well = cause("well", "All well again", "primary");
  const state = data.armed.length ? [armed, well] : none("Nothing is broken.");
  const group = ([title, rows]) => [h("h3", {}, title), h("ul", { class: "mishaps" }, rows.map(fault))];
  return [
    h("p", {}, "Let something go wrong, then use the bot: it has to say what happened and lose nothing."),
    h("section", { class: "under-way", "aria-label": "Under way" }, state),
    Object.entries(data.groups).map(group),
  ];
}

function traffic() {
  return [
    h("p", {}, "Every request, the newest first. The bot has 3 seconds to acknowledge Slack's."),
    h("ul", { class: "rows wires" }),
  ];
}

function wire(row) {
  const more = h("details", { "data-focus": row.key }, h("summary", {},
    h("span", { class: `verdict ${row.ok ? "" : "bad"}` }, row.verdict),
    h("span", { class: "way" }, row.way), h("code", {}, row.what),
    row.ms !== null && h("span", { class: "ms" }, `${row.ms} ms`)));
  more.addEventListener("toggle", async () => {
    if (!more.open || more.childElementCount > 1) return;
    more.append(opened(await exchange(row.key)));
  });
  return h("li", {}, more);
}

function opened(data) {
  const text = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));
  const copy = press({ class: "button" }, "Copy as curl");
  const curl = h("pre", { class: "curl" }, data.curl ?? "");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(data.curl);
      copy.textContent = "Copied";
    } catch {
      // No clipboard: the command is selected, ready for the person's own copy.
      getSelection().selectAllChildren(curl);
    }
  });
  const part = (title, value) => [h("h4", {}, title), h("pre", {}, text(value))];
  return h("div", {}, copy, curl, part("Sent", data.sent), part("Answered", data.answer));
}
