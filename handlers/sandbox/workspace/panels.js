// What stands beside the conversation: the CRM, faults, the traffic.

import { h, show, sync } from "./dom.js";
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

function crm(data) {
  const days = data.days.map((day) => [h("h4", {}, day.day), h("ul", { class: "rows" }, day.meetings.map(meeting))]);
  return [
    h("section", { "aria-label": "Meetings" }, h("h3", {}, "Meetings", h("small", {}, data.zone)), days.length ? days : h("p", { class: "none" }, "No meetings yet.")),
    h("section", { "aria-label": "Bulk jobs" }, h("h3", {}, "Bulk jobs"), data.jobs.length ? h("ul", { class: "rows" }, data.jobs.map(job)) : h("p", { class: "none" }, "No jobs yet.")),
    Object.entries(data.lists).map(([title, rows]) => {
      const count = data.counts[title] ?? rows.length;
      const some = count > rows.length ? `${count}, the first ${rows.length} shown` : `${count}`;
      return h("details", { "data-focus": title }, h("summary", {}, `${title} (${some})`),
        h("ul", { class: "rows" }, rows.map((row) => h("li", {}, h("strong", {}, row.name), h("small", {}, row.about)))));
    }),
  ];
}

function meeting(data) {
  const series = [data.part, data.rule].filter(Boolean).join(" · ");
  return h("li", { class: data.cancelled ? "cancelled" : "" },
    h("strong", {}, `${data.time}  ${data.title}`), data.cancelled && h("span", { class: "tag" }, "CANCELLED"),
    series && h("small", {}, series),
    h("small", {}, [data.venue, data.people.join(", ") || "nobody invited", `by ${data.owner}`].filter(Boolean).join(" · ")));
}

function job(data) {
  return h("li", {}, h("span", { class: `state ${data.state === "FAILURE" ? "bad" : ""}` }, data.state),
    h("strong", {}, `${data.module}, page ${data.page}`),
    h("small", {}, `${data.created} · by ${data.by} · ${data.callback ? "calls back" : "no callback"}`));
}

function faults(data) {
  const cause = (name, title, style = "") => h("button", { type: "button", class: `button ${style}`, "data-focus": name, onclick: () => mishap(name) }, title);
  return [
    h("p", {}, "Let something go wrong, then use the bot: it has to say what happened and lose nothing."),
    h("section", { class: "under-way", "aria-label": "Under way" },
      data.armed.length ? h("ul", { class: "rows armed" }, data.armed.map((one) => h("li", {}, one))) : h("p", { class: "none" }, "Nothing is broken."),
      data.armed.length > 0 && cause("well", "All well again", "primary")),
    Object.entries(data.groups).map(([title, group]) => [h("h3", {}, title),
      h("ul", { class: "mishaps" }, group.map((one) => h("li", { class: one.about ? null : "short" }, cause(one.name, one.title), one.about && h("small", {}, one.about))))]),
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
  const copy = h("button", { type: "button", class: "button" }, "Copy as curl");
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
  return h("div", {}, copy, curl, h("h4", {}, "Sent"), h("pre", {}, text(data.sent)), h("h4", {}, "Answered"), h("pre", {}, text(data.answer)));
}
