// What Slack refused of the app, said as Slack says it, with the rule behind it.

import { h, press } from "./dom.js";
import { rules } from "./net.js";

const STAYS_MS = 15_000;
const region = document.getElementById("notes");
const known = await rules();
let told = null;

/** Return an error with the rule behind it. */
export function reason(code) {
  return known[code] ? `${code}: ${known[code]}` : code;
}

/** Tell of the refusals that are new; those from before the page was opened are only in the traffic. */
export function tellRefusals(refusals) {
  const fresh = told ? refusals.filter((one) => !told.has(one.key)) : [];
  told = new Set(refusals.map((one) => one.key));
  for (const one of fresh) note(one);
  // Above an open dialog: what lies under one can't be pressed.
  const over = [...document.querySelectorAll("dialog.modal[open]")].at(-1) ?? document.body;
  if (region.parentElement !== over) over.append(region);
}

function note(one) {
  const node = h("div", { class: "note" },
    press({ class: "plain", "aria-label": "Dismiss", onclick: () => node.remove() }, "×"),
    h("strong", {}, `Slack: ${one.what} failed with ${one.error}`),
    known[one.error] && h("p", {}, known[one.error]),
    one.messages.map((text) => h("code", {}, text)));
  region.append(node);
  setTimeout(() => node.remove(), STAYS_MS);
}
