// The box to write in: messages, slash commands, mentions.

import { openMenu } from "./asking.js";
import { completions, usage } from "./completing.js";
import { h, newId, press } from "./dom.js";
import { act } from "./net.js";

/** Make a box that writes to the channel of `place()`: {channel, name, thread?}. */
export function composer(place, stateOf) {
  return new Composer(place, stateOf);
}

class Composer {
  constructor(place, stateOf) {
    this.place = place;
    this.stateOf = stateOf;
    this.found = null;
    this.at = 0;
    const listId = newId();
    this.box = h("textarea", {
      rows: 1, "aria-label": "Message", role: "combobox", "aria-autocomplete": "list",
      "aria-expanded": "false", "aria-controls": listId, autocomplete: "off",
    });
    this.list = h("ul", { class: "options", role: "listbox", id: listId, hidden: true });
    this.hint = h("p", { class: "usage", role: "status" });
    this.send = press({ class: "send", "aria-label": "Send", onclick: () => this.go() }, "➤");
    this.bolt = press({
      class: "plain", "aria-label": "Shortcuts", "aria-haspopup": "menu", hidden: true, onclick: () => this.shortcuts(),
    }, "⚡");
    const line = h("div", { class: "box" }, this.bolt, this.box, this.send);
    this.node = h("div", { class: "composer" }, this.list, this.hint, line);
    this.box.addEventListener("input", () => this.look());
    this.box.addEventListener("click", () => this.look());
    this.box.addEventListener("blur", () => this.close());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  /** Say what the box is for, and what it offers. */
  tell(placeholder) {
    this.box.placeholder = placeholder;
    this.box.setAttribute("aria-label", placeholder);
    this.bolt.hidden = Boolean(this.place().thread) || !this.stateOf().app.shortcuts.length;
  }

  look() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 160)}px`;
    this.hint.textContent = usage(this.box.value, this.stateOf().app);
    this.found = completions(this.box.value, this.box.selectionStart, this.stateOf());
    this.at = 0;
    this.render();
  }

  render() {
    const rows = this.found?.rows ?? [];
    this.list.hidden = !rows.length;
    this.box.setAttribute("aria-expanded", String(rows.length > 0));
    this.list.replaceChildren(...rows.map((row, index) => this.row(row, index)));
    if (rows.length) this.box.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  row(row, index) {
    const at = index === this.at;
    const id = `${this.list.id}-${index}`;
    const said = { role: "option", id, "aria-selected": String(at) };
    return h("li", { ...said, class: at ? "at" : null, onclick: () => this.accept(row) }, h("strong", {}, row.text),
      row.hint && h("span", { class: "hinted" }, row.hint), row.about && h("small", {}, row.about));
  }

  close() {
    this.found = null;
    this.render();
  }

  key(event) {
    const rows = this.found?.rows ?? [];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const accepts = event.key === "Tab" || (event.key === "Enter" && !this.exact(rows));
    if (event.isComposing) return;
    if (rows.length && step) {
      this.at = (this.at + step + rows.length) % rows.length;
      this.render();
    } else if (rows.length && event.key === "Escape") this.close();
    else if (rows.length && accepts) this.accept(rows[this.at]);
    else if (event.key === "Enter" && !event.shiftKey) this.go();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** A name typed in full needs no completing: Enter sends it. */
  exact(rows) {
    return rows.some((row) => row.put.trim() === this.box.value.slice(this.found.start, this.box.selectionStart));
  }

  accept(row) {
    const { value, selectionStart } = this.box;
    const head = value.slice(0, this.found.start) + row.put;
    this.box.value = head + value.slice(selectionStart).replace(/^ /, "");
    this.box.setSelectionRange(head.length, head.length);
    this.look();
  }

  async go() {
    const text = this.box.value.trim();
    const { channel, thread } = this.place();
    if (!text) return;
    const command = text.startsWith("/");
    if (command && thread) {
      this.hint.textContent = `${text.split(" ", 1)[0]} is not supported in threads. Sorry!`;
      return;
    }
    this.box.value = "";
    this.look();
    const answer = command
      ? await act("command", { channel, text })
      : await act("say", { channel, text, thread_ts: thread, typed: true });
    if (answer.ok) return;
    this.box.value = text;
    this.look();
    this.hint.textContent = answer.detail || answer.error;
  }

  shortcuts() {
    const rows = this.stateOf().app.shortcuts;
    const use = (one) => () => act("shortcut", { callback_id: one.callback_id });
    openMenu(this.bolt, rows.map((one) => ({ text: one.name, about: one.description, go: use(one) })));
  }
}
