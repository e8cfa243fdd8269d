// The list over the message box: commands of the manifest, people, channels.

const MOST = 8;

/** Return what is being typed before the caret and what could complete it. */
export function completions(text, caret, state) {
  const before = text.slice(0, caret);
  if (/^\/\S*$/.test(before)) return commands(before, state.app);
  const found = /(?:^|[\s(])([@#][\w.-]*)$/.exec(before);
  if (!found) return null;
  const start = caret - found[1].length;
  const query = found[1].slice(1).toLowerCase();
  const rows = found[1][0] === "@" ? people(query, state) : channels(query, state);
  return rows.length ? { start, rows: rows.slice(0, MOST) } : null;
}

function commands(before, app) {
  const rows = app.commands
    .filter((one) => one.command.startsWith(before))
    .map((one) => ({ text: one.command, hint: one.usage_hint ?? "", about: one.description, put: `${one.command} ` }));
  return rows.length ? { start: 0, rows } : null;
}

function people(query, state) {
  const fits = (one) => [one.name, ...one.real_name.split(" ")].some((name) => name.toLowerCase().startsWith(query));
  return state.people
    .filter((one) => (one.acts || one.bot) && fits(one))
    .map((one) => ({ text: one.real_name, about: `@${one.name}`, put: `@${one.name} ` }));
}

function channels(query, state) {
  return state.channels
    .filter((one) => one.kind !== "im" && one.name.startsWith(query))
    .map((one) => ({ text: `#${one.name}`, about: one.kind === "private" ? "private" : "", put: `#${one.name} ` }));
}

/** Return the usage of the command that `text` begins with, "" when it begins with none. */
export function usage(text, app) {
  const name = text.split(" ", 1)[0];
  const row = text.startsWith(`${name} `) && app.commands.find((one) => one.command === name);
  return row ? `${row.command} ${row.usage_hint ?? ""}` : "";
}
