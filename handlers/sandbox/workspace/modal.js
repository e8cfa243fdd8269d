// The modal in front of the person: one dialog that shows the topmost view.

import { showBlocks } from "./blocks.js";
import { h, newId, press, show } from "./dom.js";
import { flush } from "./elements.js";
import { act } from "./net.js";
import { reason } from "./notes.js";
import { wording } from "./text.js";

const FAILED = "We had some trouble connecting. Try again?";
let shown = null;

/** Show the topmost view, or nothing; `depth` views lie on one another. */
export function showModal(view, depth) {
  if (!view) {
    const gone = shown?.dialog;
    shown = null;
    gone?.close();
    gone?.remove();
    return;
  }
  if (!shown) shown = open();
  const fresh = shown.view?.id !== view.id;
  const changed = shown.view?.hash !== view.hash;
  if (fresh) {
    shown.body.replaceChildren();
    shown.status.textContent = "";
    shown.error = "";
  } else if (changed) shown.status.textContent = "";
  shown.view = view;
  show(shown.head, [view.title, depth], () => head(view, depth));
  showBlocks(shown.body, view.blocks, { view: view.id }, view.state.values, view.errors);
  show(shown.foot, [view.submit, view.close, view.submit_disabled], () => foot(view));
  const active = document.activeElement;
  if (changed && (active === shown.dialog || !shown.dialog.contains(active))) {
    const first = shown.body.querySelector("[data-focus]") ?? shown.foot.querySelector("[data-focus]");
    first?.focus({ preventScroll: true });
  }
  toFirstError(view);
}

function open() {
  const title = newId();
  const body = h("div", { class: "body" });
  const status = h("p", { class: "error", role: "alert" });
  const [head, foot] = [h("header"), h("footer")];
  const dialog = h("dialog", { class: "modal", "aria-labelledby": title }, head, body, status, foot);
  const parts = { title, head, body, status, foot, dialog };
  parts.dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  // A browser closes a dialog by itself on a second Escape; only the sandbox closes a view.
  parts.dialog.addEventListener("close", () => shown === parts && parts.dialog.showModal());
  parts.dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
  });
  document.body.append(parts.dialog);
  parts.dialog.showModal();
  shown = parts;
  return parts;
}

function head(view, depth) {
  const back = depth > 1 && press({ class: "plain", "aria-label": "Back", onclick: close }, "‹");
  return [back, h("h2", { id: shown.title }, wording(view.title)),
    press({ class: "plain", "aria-label": "Close", onclick: () => close({ whole: true }) }, "×")];
}

function foot(view) {
  const cancel = wording(view.close) || (view.submit ? "Cancel" : "Close");
  return [
    press({ class: "button", "data-focus": "close", onclick: () => close() }, cancel),
    view.submit && press({
      class: "button primary submit", "data-focus": "submit", disabled: Boolean(view.submit_disabled), onclick: submit,
    }, wording(view.submit)),
  ];
}

async function submit() {
  const { view, dialog, status } = shown ?? {};
  const pressed = dialog?.querySelector(".submit");
  if (!pressed || pressed.disabled || pressed.getAttribute("aria-busy")) return;
  pressed.setAttribute("aria-busy", "true");
  status.textContent = "";
  flush();
  const answer = await act("submit", { view: view.id });
  pressed.removeAttribute("aria-busy");
  const places = (answer.messages ?? []).join(" ");
  if (answer.outcome === "failed") status.textContent = `${FAILED} ${reason(answer.error)} ${places}`;
  else if (answer.error) status.textContent = `${answer.error} ${answer.detail ?? ""}`;
}

function close(how = {}) {
  flush();
  return act("close", { view: shown.view.id, whole: how.whole === true });
}

function toFirstError(view) {
  const texts = JSON.stringify(view.errors);
  if (texts === shown.error) return;
  shown.error = texts;
  const wrong = shown.body.querySelector(".wrong");
  wrong?.querySelector("input, textarea")?.focus({ preventScroll: true });
  wrong?.scrollIntoView({ block: "center" });
}
