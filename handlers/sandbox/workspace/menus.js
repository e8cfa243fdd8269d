// Select menus, for one choice or several: fixed options, people, channels, or the app's own source.

import { h, newId, press } from "./dom.js";
import { flush } from "./elements.js";
import { suggest } from "./net.js";
import { reason } from "./notes.js";
import { wording } from "./text.js";

const SETTLE_MS = 200;
const MIN_QUERY = 3;
let world = { people: [], channels: [] };

/** Tell which people and channels can be chosen. */
export function offer(people, channels) {
  world = { people, channels };
}

const NAMED = {
  users: () => world.people.filter((one) => one.acts || one.bot)
    .map((one) => ({ value: one.id, text: one.real_name, about: `@${one.name}` })),
  channels: () => world.channels.filter((one) => one.kind !== "im")
    .map((one) => ({ value: one.id, text: `#${one.name}` })),
};
NAMED.conversations = NAMED.channels;

function plainOption(option) {
  return { value: option.value, text: wording(option.text), about: wording(option.description) };
}

/** Return where a menu's choices come from: a function from what was typed to {options, note}. */
function source(data, target) {
  const kind = data.type.replace(/^multi_/, "").replace(/_select$/, "");
  if (kind === "external") return (query) => external(data, target, query);
  const grouped = (data.option_groups ?? []).flatMap((group) => group.options);
  const all = NAMED[kind] ?? (() => [...(data.options ?? []), ...grouped].map(plainOption));
  return async (query) => {
    const options = all().filter((one) => `${one.text} ${one.about ?? ""}`.toLowerCase().includes(query.toLowerCase()));
    return { options, note: options.length ? "" : "No results" };
  };
}

async function external(data, target, query) {
  const least = data.min_query_length ?? MIN_QUERY;
  if (query.length < least) return { options: [], note: `Type ${least} or more characters` };
  flush();
  const answer = await suggest({ ...target, value: query });
  if (answer.error) return { options: [], note: `The menu's source failed. ${reason(answer.error)}` };
  const options = answer.options.map(plainOption);
  return { options, note: options.length ? "" : "No results" };
}

function chosenOf(state) {
  const key = Object.keys(state).find((name) => name.startsWith("selected_"));
  const named = (id) => [...NAMED.users(), ...NAMED.channels()].find((known) => known.value === id);
  return [state[key] ?? []].flat().map((item) =>
    typeof item === "object" ? plainOption(item) : named(item) ?? { value: item, text: item });
}

/** Make a menu; `put` is told the new value. Returns its node and how it takes Slack's state. */
export function menu(data, context, target, put) {
  return new Menu(data, context, target, put);
}

class Menu {
  constructor(data, context, target, put) {
    this.many = data.type.startsWith("multi_");
    this.most = data.max_selected_items ?? Infinity;
    this.find = source(data, target);
    this.put = put;
    this.chosen = [];
    this.options = [];
    this.at = -1;
    this.asked = 0;
    this.hint = wording(data.placeholder) || (this.many ? "Select options" : "Select an option");
    const listId = newId();
    this.input = h("input", {
      id: context.id, role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": listId,
      "aria-describedby": context.describedby || null, "aria-invalid": context.error ? "true" : null,
      "aria-label": context.id ? null : context.name || this.hint, autocomplete: "off", placeholder: this.hint,
      "data-focus": data.action_id,
    });
    this.chips = h("span", { class: "chips" });
    this.list = h("ul", { class: "options", role: "listbox", id: listId, hidden: true });
    this.note = h("p", { class: "options note", role: "status", hidden: true });
    this.node = h("div", { class: "select" }, h("div", { class: "box" }, this.chips, this.input), this.list, this.note);
    this.take = (state) => this.show(chosenOf(state));
    this.listen();
  }

  listen() {
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.open(""));
    this.input.addEventListener("input", () => this.open(this.input.value));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // Choosing with the mouse must not take the focus, or the list would be gone before the click.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.node.addEventListener("click", (event) => event.target === this.node.firstChild && this.input.focus());
  }

  show(chosen) {
    const same = JSON.stringify(chosen) === JSON.stringify(this.chosen);
    this.chosen = chosen;
    if (same && this.node.dataset.shown) return;
    this.node.dataset.shown = "yes";
    if (!this.many) {
      if (this.list.hidden) this.input.value = chosen[0]?.text ?? "";
      return;
    }
    this.input.placeholder = chosen.length ? "" : this.hint;
    this.chips.replaceChildren(...chosen.map((one) => h("span", { class: "chip" }, one.text,
      press({ "aria-label": `Remove ${one.text}`, onclick: () => this.drop(one.value) }, "×"))));
  }

  async open(query) {
    clearTimeout(this.timer);
    const number = (this.asked += 1);
    this.input.setAttribute("aria-expanded", "true");
    this.say([], query ? "Loading…" : "");
    await new Promise((done) => { this.timer = setTimeout(done, query ? SETTLE_MS : 0); });
    if (number !== this.asked) return;
    const { options, note } = await this.find(query);
    if (number === this.asked && document.activeElement === this.input) this.say(options, note);
  }

  say(options, note) {
    this.options = options;
    this.at = options.length ? 0 : -1;
    this.list.replaceChildren(...options.map((one, index) => h("li", {
      role: "option", id: `${this.list.id}-${index}`, "aria-selected": String(this.has(one.value)),
      onclick: () => this.choose(one),
    }, one.text, one.about && h("small", {}, one.about))));
    this.list.hidden = !options.length;
    this.note.textContent = note;
    this.note.hidden = !note;
    (note ? this.note : this.list).scrollIntoView({ block: "nearest" });
    this.mark();
  }

  has(value) {
    return this.chosen.some((one) => one.value === value);
  }

  mark() {
    [...this.list.children].forEach((row, index) => row.classList.toggle("at", index === this.at));
    const row = this.list.children[this.at];
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
    else this.input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const open = !this.list.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const drops = event.key === "Backspace" && this.many && !this.input.value && this.chosen.length > 0;
    if (step && !open) this.open(this.many ? this.input.value : "");
    else if (step) {
      this.at = (this.at + step + this.options.length) % this.options.length;
      this.mark();
    } else if (event.key === "Enter" && open) this.choose(this.options[this.at]);
    else if (event.key === "Escape" && (open || !this.note.hidden)) this.close();
    else if (drops) this.drop(this.chosen.at(-1).value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(option) {
    const before = this.chosen;
    if (!this.many) this.chosen = [option];
    else if (this.has(option.value)) return this.drop(option.value);
    else if (before.length < this.most) this.chosen = [...before, option];
    this.changed();
  }

  drop(value) {
    this.chosen = this.chosen.filter((one) => one.value !== value);
    this.changed();
  }

  changed() {
    const chosen = this.chosen;
    this.close();
    this.chosen = [];
    this.show(chosen);
    this.put(this.many ? chosen.map((one) => one.value) : chosen[0]?.value ?? null);
  }

  close() {
    this.asked += 1;
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.note.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.value = this.many ? "" : this.chosen[0]?.text ?? "";
  }
}
