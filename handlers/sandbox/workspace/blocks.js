// Block Kit as nodes (docs.slack.dev, "Block Kit reference"), with an honest box for the rest.

import { h, keepingFocus, newId, sync } from "./dom.js";
import { element, refresh } from "./elements.js";
import { link, rendered, userChip, wording } from "./text.js";

const INITIAL = /^initial_/;

/**
 * Show blocks in `holder`. `place` says where they are, as the control routes take it; `values` is
 * Slack's state, `errors` the texts under input blocks. Blocks that stay keep what was typed.
 */
export function showBlocks(holder, blocks, place, values = {}, errors = {}) {
  keepingFocus(holder, () =>
    sync(
      holder,
      blocks.map((block) => ({ block, error: errors[block.block_id] ?? "" })),
      ({ block }) => block.block_id,
      ({ block, error }) => one(block, { place, values, error }),
      (item) => JSON.stringify(item, (key, value) => (INITIAL.test(key) ? undefined : value)),
    ),
  );
  refresh(holder, values);
}

function one(block, context) {
  const build = KINDS[block.type];
  return build ? build(block, context) : notRendered(block, `${block.type} block`);
}

function notRendered(data, what) {
  return h("details", { class: "not-rendered" }, h("summary", {}, `Not rendered here: ${what}`),
    h("pre", {}, JSON.stringify(data, null, 2)));
}

function part(block, data, context, name) {
  return element(data, { ...context, block, name }) ?? notRendered(data, `${data.type} element`);
}

function section(block, context) {
  const each = (field) => h("div", {}, rendered(field));
  const fields = block.fields?.length && h("div", { class: "fields" }, block.fields.map(each));
  const name = wording(block.text);
  return h("div", { class: "block section" },
    h("div", { class: "words" }, h("div", {}, rendered(block.text)), fields),
    block.accessory && h("div", { class: "accessory" }, part(block, block.accessory, context, name)));
}

function actions(block, context) {
  const each = (data) => part(block, data, context, wording(data.placeholder));
  return h("div", { class: "block actions" }, block.elements.map(each));
}

function small(data) {
  return data.type === "image" ? picture(data) : h("span", {}, rendered(data));
}

function input(block, context) {
  const id = newId();
  const hintId = `${id}-hint`;
  const errorId = `${id}-error`;
  const group = ["checkboxes", "radio_buttons"].includes(block.element.type);
  const label = [wording(block.label), block.optional && h("span", { class: "optional" }, " (optional)")];
  const describedby = [block.hint && hintId, context.error && errorId].filter(Boolean).join(" ");
  const field = part(block, block.element, { ...context, id, describedby }, group ? "" : wording(block.label));
  return h(group ? "fieldset" : "div", { class: `block input${context.error ? " wrong" : ""}` },
    group ? h("legend", {}, label) : h("label", { for: id }, label),
    field,
    context.error && h("p", { class: "error", id: errorId, role: "alert" }, context.error),
    block.hint && h("p", { class: "hint", id: hintId }, rendered(block.hint)));
}

function picture(block) {
  return h("figure", { class: "picture" }, block.title && h("figcaption", {}, rendered(block.title)),
    h("div", { role: "img", "aria-label": block.alt_text }, `Image, not loaded here: ${block.alt_text}`));
}

function table(block) {
  const cell = (data) => h("td", {}, data.type === "raw_text" ? data.text : data.elements.map(rich));
  return h("table", { class: "block" }, block.rows.map((row) => h("tr", {}, row.map(cell))));
}

const RICH = {
  rich_text_section: (data) => h("p", {}, data.elements.map(rich)),
  rich_text_preformatted: (data) => h("pre", {}, data.elements.map(rich)),
  rich_text_quote: (data) => h("blockquote", {}, data.elements.map(rich)),
  rich_text_list: (data) => {
    const rows = data.elements.map((item) => h("li", {}, item.elements.map(rich)));
    return h(data.style === "ordered" ? "ol" : "ul", {}, rows);
  },
  text: (data) => {
    const styles = Object.keys(data.style ?? {});
    return styles.reduce((node, style) => h(TAGS[style] ?? "span", {}, node), h("span", {}, data.text));
  },
  link: (data) => link(data.url, data.text ?? data.url),
  user: (data) => userChip(data.user_id),
  channel: (data) => h("span", { class: "mention" }, `#${data.channel_id}`),
  broadcast: (data) => h("span", { class: "mention loud" }, `@${data.range}`),
  emoji: (data) => h("span", {}, `:${data.name}:`),
};
const TAGS = { bold: "strong", italic: "em", strike: "s", code: "code" };

function rich(data) {
  return RICH[data.type]?.(data) ?? h("span", {}, data.text ?? data.fallback ?? "");
}

const KINDS = {
  header: (block) => h("h3", { class: "block header" }, wording(block.text)),
  section,
  context: (block) => h("div", { class: "block context" }, block.elements.map(small)),
  divider: () => h("hr", { class: "block" }),
  actions,
  input,
  image: (block) => picture(block),
  markdown: (block) => h("div", { class: "block markdown" }, block.text),
  rich_text: (block) => h("div", { class: "block" }, block.elements.map(rich)),
  table,
};
