// Slack's text as nodes: mrkdwn with mentions, links, dates and styles; plain text as it is.

import { dateText } from "./dates.js";
import { h } from "./dom.js";

const BLOCK = /```([\s\S]+?)```/;
const CODE = /`([^`\n]+)`/g;
const STYLE = /(^|[\s([{"'“‘.,:;!?—•-])([*_~])(\S(?:[^\n]*?\S)?)\2(?=$|[\s)\]}.,:;!?'"”’—-])/;
const TOKEN = /<([^<>\n]+)>/;
const ADDRESS = /https?:\/\/[^\s<>]+[^\s<>.,;:!?)]/;
const QUOTE = /^(?:&gt;|>) ?/;
const STYLES = { "*": "strong", _: "em", "~": "s" };
let world = { people: [], channels: [], now: 0, zone: "UTC" };

/** Tell who and what is called by ids, the time, and the viewer's zone. */
export function know(people, channels, now, zone) {
  world = { people, channels, now, zone };
}

/** Return text without Slack's three entities. */
export function bare(text) {
  return String(text ?? "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

function safe(address) {
  return /^(https?|mailto):/i.test(address);
}

/** Open an address in a new tab, if it is one to follow. */
export function follow(address) {
  if (safe(address)) window.open(address, "_blank", "noopener,noreferrer");
}

/** Return a link if its address is one to follow, else its words. */
export function link(address, ...words) {
  const where = { href: address, target: "_blank", rel: "noopener noreferrer" };
  return safe(address) ? h("a", where, ...words) : h("span", {}, ...words);
}

/** Return a text object, or a message's text, as nodes. */
export function rendered(text) {
  if (!text) return [];
  if (typeof text === "object" && text.type !== "mrkdwn") return lines(bare(text.text));
  const raw = typeof text === "object" ? text.text : text;
  return paragraphs(raw, !(typeof text === "object" && text.verbatim));
}

/** Return a text object as one string, for labels. */
export function wording(text) {
  if (!text) return "";
  return rendered(text).map((node) => (typeof node === "string" ? node : node.textContent || "\n")).join("").trim();
}

function lines(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

function paragraphs(raw, linking) {
  const block = BLOCK.exec(raw);
  if (block) {
    const box = h("pre", {}, bare(block[1].replace(/^\n|\n$/g, "")));
    const after = raw.slice(block.index + block[0].length);
    return [...paragraphs(raw.slice(0, block.index), linking), box, ...paragraphs(after, linking)];
  }
  const nodes = [];
  let quote = null;
  let fresh = true;
  for (const line of raw.split("\n")) {
    if (QUOTE.test(line)) {
      if (quote) quote.append(h("br"));
      else nodes.push((quote = h("blockquote")));
      quote.append(...styled(line.replace(QUOTE, ""), linking));
      fresh = true;
    } else {
      if (!fresh) nodes.push(h("br"));
      nodes.push(...styled(line, linking));
      quote = null;
      fresh = false;
    }
  }
  return nodes;
}

function styled(raw, linking) {
  // A style may stand around code, and signs inside code are none.
  const found = STYLE.exec(raw.replace(CODE, (code) => "`".repeat(code.length)));
  if (!found) return coded(raw, linking);
  const [whole, before, sign] = found;
  const start = found.index + before.length;
  const end = found.index + whole.length;
  return [
    ...coded(raw.slice(0, start), linking),
    h(STYLES[sign], {}, styled(raw.slice(start + 1, end - 1), linking)),
    ...styled(raw.slice(end), linking),
  ];
}

function coded(raw, linking) {
  const pieces = raw.split(CODE); // what is around code and what is in it take turns
  return pieces.flatMap((piece, index) => (index % 2 ? h("code", {}, bare(piece)) : tokens(piece, linking)));
}

function tokens(raw, linking) {
  const found = TOKEN.exec(raw);
  if (!found) return linking ? linked(raw) : [bare(raw)];
  return [
    ...tokens(raw.slice(0, found.index), linking),
    token(found[1]),
    ...tokens(raw.slice(found.index + found[0].length), linking),
  ];
}

function linked(raw) {
  const found = ADDRESS.exec(raw);
  if (!found) return [bare(raw)];
  const after = raw.slice(found.index + found[0].length);
  return [bare(raw.slice(0, found.index)), link(bare(found[0]), bare(found[0])), ...linked(after)];
}

function token(inside) {
  const cut = inside.indexOf("|");
  const what = cut < 0 ? inside : inside.slice(0, cut);
  const label = cut < 0 ? "" : bare(inside.slice(cut + 1));
  if (what.startsWith("@")) return userChip(what.slice(1), label);
  if (what.startsWith("#")) {
    const channel = world.channels.find((one) => one.id === what.slice(1));
    return h("span", { class: "mention" }, `#${label || channel?.name || "private channel"}`);
  }
  if (what.startsWith("!date^")) return dated(what, label);
  if (what.startsWith("!")) return h("span", { class: "mention loud" }, label || `@${what.slice(1).split("^")[0]}`);
  return link(bare(what), label || bare(what).replace(/^mailto:/, ""));
}

/** Return a mention of a person. */
export function userChip(id, label = "") {
  const person = world.people.find((one) => one.id === id);
  return h("span", { class: "mention", title: person?.name ?? id }, `@${person?.real_name ?? (label || id)}`);
}

function dated(what, fallback) {
  const [, unix, format, address] = what.split("^");
  if (!/^\d{1,11}$/.test(unix) || !format) return document.createTextNode(fallback);
  const words = bare(dateText(Number(unix), format, world.now, world.zone));
  const shown = h("time", { datetime: new Date(Number(unix) * 1000).toISOString(), title: fallback }, words);
  return address ? link(bare(address), shown) : shown;
}
