// What a person can press, type into or tick. Each node tells the sandbox of every change.

import { confirmed, openMenu } from "./asking.js";
import { h, newId, press } from "./dom.js";
import { menu } from "./menus.js";
import { act, settled } from "./net.js";
import { reason } from "./notes.js";
import { follow, link, rendered, wording } from "./text.js";

const SETTLE_MS = 150;
const PICKED_MS = 700;
const controls = new WeakMap();
const unsent = new Set();

/** Return the node of an element, null for a kind that isn't rendered here. */
export function element(data, context) {
  if (data.type === "image") return h("span", { class: "picture" }, data.alt_text);
  const build = KINDS[data.type] ?? (data.type.endsWith("_select") ? select : null);
  return build ? build(data, context) : null;
}

/** Give every element in `holder` the value that Slack holds, unless the person is ahead of it. */
export function refresh(holder, values) {
  for (const node of holder.querySelectorAll("[data-held]")) {
    const control = controls.get(node);
    control?.(values[control.block]?.[control.action] ?? {});
  }
}

/** Send whatever was typed and not sent yet. */
export function flush() {
  for (const send of [...unsent]) send();
}

function target({ place, block }, data) {
  return { ...place, block_id: block.block_id, action_id: data.action_id };
}

/** Let `take` be told the state Slack holds, except while what `put` was given is on its way. */
function holds(node, data, { block, values }, put, take) {
  node.dataset.held = "";
  const told = (state) => put.waits() || take(state);
  controls.set(node, Object.assign(told, { block: block.block_id, action: data.action_id }));
  take(values[block.block_id]?.[data.action_id] ?? {});
  return node;
}

/** Return a way to tell the sandbox of values: at once, or a moment after the last one. */
function putter(data, context, settle) {
  let timer = 0;
  let wanted;
  let underway = 0;
  const send = async () => {
    clearTimeout(timer);
    unsent.delete(send);
    underway += 1;
    act("put", { ...target(context, data), value: wanted });
    await settled();
    underway -= 1;
  };
  return {
    now: (value) => ((wanted = value), send()),
    later: (value) => {
      wanted = value;
      unsent.add(send);
      clearTimeout(timer);
      timer = setTimeout(send, settle);
    },
    flush: () => unsent.has(send) && send(),
    waits: () => underway > 0 || unsent.has(send),
  };
}

async function busy(node, work) {
  if (node.getAttribute("aria-busy")) return;
  node.setAttribute("aria-busy", "true");
  flush();
  const answer = await work();
  node.removeAttribute("aria-busy");
  node.classList.toggle("failed", Boolean(answer?.error));
  node.title = answer?.error ? reason(answer.error) : "";
}

function button(data, context) {
  const node = data.url ? link(data.url) : press({});
  node.className = `button ${data.style ?? ""}`;
  node.dataset.focus = data.action_id;
  if (data.accessibility_label) node.setAttribute("aria-label", data.accessibility_label);
  node.append(wording(data.text));
  node.addEventListener("click", async (event) => {
    if (data.confirm) {
      event.preventDefault();
      if (!(await confirmed(data.confirm))) return;
      if (data.url) follow(data.url);
    }
    busy(node, () => act("click", target(context, data)));
  });
  return node;
}

function overflow(data, context) {
  const label = { "aria-label": "More actions", "aria-haspopup": "menu" };
  const node = press({ class: "button overflow", ...label, "data-focus": data.action_id }, "⋯");
  const choose = async (option) => {
    if (data.confirm && !(await confirmed(data.confirm))) return;
    if (option.url) follow(option.url);
    busy(node, () => act("click", { ...target(context, data), value: option.value }));
  };
  node.addEventListener("click", () =>
    openMenu(node, data.options.map((option) => ({ text: wording(option.text), go: () => choose(option) }))));
  return node;
}

function dispatchesOnEnter(data, block) {
  const triggers = data.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  return block.dispatch_action && triggers.includes("on_enter_pressed");
}

function typed(data, context) {
  const number = data.type === "number_input";
  const node = h(data.multiline ? "textarea" : "input", {
    id: context.id, "aria-describedby": context.describedby || null, "aria-invalid": context.error ? "true" : null,
    "aria-label": context.id ? null : context.name, placeholder: wording(data.placeholder) || null, autocomplete: "off",
    maxlength: data.max_length ?? 3000, inputmode: number ? "decimal" : null, "data-focus": data.action_id,
    rows: data.multiline ? 4 : null, autofocus: Boolean(data.focus_on_load),
  });
  const put = putter(data, context, SETTLE_MS);
  node.addEventListener("input", () => put.later(node.value));
  node.addEventListener("blur", () => put.flush());
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || data.multiline || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    put.flush();
    if (dispatchesOnEnter(data, context.block)) busy(node, () => act("enter", target(context, data)));
  });
  return holds(node, data, context, put, (state) => {
    if (node.value !== (state.value ?? "")) node.value = state.value ?? "";
  });
}

const PICKERS = {
  datepicker: { type: "date", key: "selected_date", min: "1900-01-01", max: "9999-12-31" },
  timepicker: { type: "time", key: "selected_time" },
  datetimepicker: { type: "datetime-local", key: "selected_date_time" },
};

function picker(data, context) {
  const { type, key, ...limits } = PICKERS[data.type];
  const moment = type === "datetime-local";
  const node = h("input", { type, ...limits, id: context.id, "aria-describedby": context.describedby || null,
    "aria-label": context.id ? null : context.name || wording(data.placeholder), "data-focus": data.action_id });
  // Typing a year passes through years nobody means: a picker is heard once it is left or rests.
  const put = putter(data, context, PICKED_MS);
  const told = () => (moment && node.value ? Math.floor(new Date(node.value) / 1000) : node.value || null);
  node.addEventListener("change", () => node.validity.valid && put.later(told()));
  node.addEventListener("blur", () => put.flush());
  node.addEventListener("keydown", (event) => event.key === "Enter" && put.flush());
  return holds(node, data, context, put, (state) => {
    const value = state[key] && moment ? localTime(state[key]) : state[key] ?? "";
    if (document.activeElement !== node && node.value !== value) node.value = value;
  });
}

/** Return a Unix time as a browser's field takes it, in the browser's own zone. */
function localTime(unix) {
  const at = new Date(unix * 1000);
  return new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function choices(data, context) {
  const many = data.type === "checkboxes";
  const name = newId();
  const put = putter(data, context, 0);
  const boxes = data.options.map((option) => {
    const focus = `${data.action_id} ${option.value}`;
    const box = h("input", { type: many ? "checkbox" : "radio", name, value: option.value, "data-focus": focus });
    box.addEventListener("change", async () => {
      if (data.confirm && !(await confirmed(data.confirm))) {
        box.checked = !box.checked;
        return;
      }
      const ticked = boxes.filter((one) => one.checked).map((one) => one.value);
      put.now(many ? ticked : ticked[0] ?? null);
    });
    return box;
  });
  const rows = data.options.map((option, index) => h("label", { class: "choice" }, boxes[index],
    h("span", {}, rendered(option.text), option.description && h("small", {}, rendered(option.description)))));
  const group = context.id ? {} : { role: "group", "aria-label": context.name };
  const node = h("div", { class: "choices", ...group }, rows);
  return holds(node, data, context, put, (state) => {
    const chosen = many ? state.selected_options ?? [] : [state.selected_option].filter(Boolean);
    for (const box of boxes) box.checked = chosen.some((one) => one.value === box.value);
  });
}

function select(data, context) {
  const put = putter(data, context, 0);
  const made = menu(data, context, target(context, data), async (value) => {
    if (data.confirm && !(await confirmed(data.confirm))) return;
    flush();
    put.now(value);
  });
  return holds(made.node, data, context, put, made.take);
}

const KINDS = {
  button,
  overflow,
  plain_text_input: typed,
  email_text_input: typed,
  url_text_input: typed,
  number_input: typed,
  datepicker: picker,
  timepicker: picker,
  datetimepicker: picker,
  checkboxes: choices,
  radio_buttons: choices,
};
