// Small things over the page: a question before an act, a menu of choices.

import { h, newId, press } from "./dom.js";
import { rendered, wording } from "./text.js";

/** Ask a Block Kit confirmation; resolves to whether the person agreed. */
export function confirmed(question) {
  const id = newId();
  const answer = (value) => () => dialog.close(value);
  const style = question.style ?? "primary";
  const yes = press({ class: `button ${style}`, onclick: answer("yes") }, wording(question.confirm));
  const dialog = h("dialog", { class: "confirm", "aria-labelledby": id },
    h("h2", { id }, wording(question.title)),
    h("p", {}, rendered(question.text)),
    h("footer", {}, press({ class: "button", onclick: answer("no") }, wording(question.deny)), yes));
  (document.querySelector("dialog[open]") ?? document.body).append(dialog);
  dialog.showModal();
  yes.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", (event) => {
      event.stopPropagation();
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/** Open a menu under `anchor`; `items` are {text, about?, go}. Escape gives the focus back. */
export function openMenu(anchor, items) {
  document.querySelector(".menu")?.remove();
  const close = () => {
    list.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (event) => list.contains(event.target) || close();
  const list = h("div", { class: "menu", role: "menu" }, items.map((item) =>
    press({ role: "menuitem", onclick: () => { close(); anchor.focus(); item.go(); } },
      item.text, item.about && h("small", {}, item.about))));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = [...list.children];
    if (step) rows.at((rows.indexOf(document.activeElement) + step) % rows.length)?.focus();
    if (event.key === "Escape" || event.key === "Tab") {
      close();
      anchor.focus();
    }
    if (step || event.key === "Escape") event.preventDefault();
    event.stopPropagation();
  });
  anchor.after(list);
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  list.firstElementChild?.focus();
}
