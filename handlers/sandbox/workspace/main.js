// The page: who acts, what is open, and one state shown everywhere.

import { showBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { showMessages, showThread } from "./conversation.js";
import { h, press, show } from "./dom.js";
import { offer } from "./menus.js";
import { showModal } from "./modal.js";
import { act, look, watch } from "./net.js";
import { tellRefusals } from "./notes.js";
import { showPanel, TITLES } from "./panels.js";
import { know } from "./text.js";

const ICONS = { crm: "▦", faults: "⚠", traffic: "⇄" };
const FIRST = { user: "U0DEV", place: "C0GENERAL" };
const sidebar = document.getElementById("sidebar");
const main = document.getElementById("main");
const side = document.getElementById("side");
const open = { user: "", place: "", panel: "", thread: "" };
const read = new Map();
const gone = new Set();
let state = null;

const writer = composer(() => ({ channel: channel().id }), () => state);
const answerer = composer(() => ({ channel: channel().id, thread: open.thread }), () => state);
const parts = {
  head: h("header"),
  list: h("div", { class: "list", role: "log", "aria-label": "Messages", tabindex: "0" }),
  home: h("div", { class: "home", tabindex: "0" }),
  closed: h("p", { class: "closed" }, "Sending messages to this app has been turned off. Type its commands in a channel."),
};
main.append(parts.head, parts.list, parts.home, writer.node, parts.closed);
const beside = {
  head: h("header"),
  body: h("div", { class: "panel", tabindex: "0" }),
  list: h("div", { class: "list", role: "log", "aria-label": "Thread", tabindex: "0" }),
};
side.append(beside.head, beside.body, beside.list, answerer.node);

function channel() {
  const direct = state.channels.find((one) => one.kind === "im");
  return state.channels.find((one) => one.id === open.place) ?? direct;
}

function visit() {
  const [user, place] = location.hash.slice(1).split("/");
  const before = open.user;
  Object.assign(open, { user: user || FIRST.user, place: place || FIRST.place, thread: "" });
  if (before !== open.user) showModal(null);
  return again().then(() => (open.place === "home" ? act("home", {}) : null));
}

function go(place, user = open.user) {
  if (location.hash === `#${user}/${place}`) visit();
  else location.hash = `${user}/${place}`;
}

function again() {
  return watch({ user: open.user, panel: open.panel }, (told) => {
    if (!told) return go(FIRST.place, FIRST.user);
    if (!state) forget(told.channels);
    for (const one of told.channels) one.messages = one.messages.filter(({ ts }) => !gone.has(`${one.id} ${ts}`));
    state = told;
    render();
  });
}

// What a person alone was shown doesn't outlive a reload (docs.slack.dev, "chat.postEphemeral").
function forget(channels) {
  for (const { id, messages } of channels) {
    for (const one of messages) if (one.ephemeral) gone.add(`${id} ${one.ts}`);
  }
}

function toggle(name) {
  open.panel = open.panel === name ? "" : name;
  open.thread = "";
  return again();
}

function openThread(ts) {
  Object.assign(open, { thread: ts, panel: "" });
  again().then(() => answerer.box.focus());
}

function render() {
  const me = state.people.find((one) => one.id === state.me);
  know(state.people, state.channels, state.now, me.tz);
  offer(state.people, state.channels);
  const here = channel();
  if (open.place !== "home") read.set(`${state.me} ${here.id}`, here.messages.at(-1)?.ts ?? "");
  show(sidebar, [open, rows(), state.people.filter((one) => one.acts), state.app], () => sideNodes(me));
  main.hidden = false;
  renderMain(here);
  renderSide(here);
  showModal(state.modal, state.depth);
  tellRefusals(state.refusals);
}

function rows() {
  return state.channels.map((one) => {
    const seen = read.get(`${state.me} ${one.id}`);
    const last = one.messages.at(-1)?.ts ?? "";
    if (seen === undefined) read.set(`${state.me} ${one.id}`, last);
    return { id: one.id, name: one.name, kind: one.kind, unread: seen !== undefined && last > seen };
  });
}

function entry({ place, text, unread, icon }) {
  const here = open.place === place ? "page" : null;
  const props = { "data-focus": place, "aria-current": here, class: unread ? "unread" : null };
  const news = unread && h("span", { class: "sr" }, " unread");
  return h("li", {}, press({ ...props, onclick: () => go(place) }, iconOf(icon), text, news));
}

function tool([name, text]) {
  const props = { "data-focus": name, "aria-pressed": String(open.panel === name), onclick: () => toggle(name) };
  return h("li", {}, press(props, iconOf(ICONS[name]), text));
}

function iconOf(sign) {
  return h("span", { class: "icon", "aria-hidden": "true" }, sign);
}

function actor(me) {
  const people = state.people.filter((one) => one.acts);
  const props = { id: "actor", "data-focus": "actor", onchange: () => go(open.place, chooser.value) };
  const chooser = h("select", props, people.map((one) =>
    h("option", { value: one.id, selected: one.id === state.me }, one.real_name)));
  return h("div", { class: "actor" }, h("label", { for: "actor" }, "Acting as"), chooser,
    h("small", {}, `${me.account} · ${me.tz}`));
}

function sideNodes(me) {
  const known = rows();
  const channels = known.filter((one) => one.kind !== "im").map((one) =>
    entry({ place: one.id, text: one.name, unread: one.unread, icon: one.kind === "private" ? "🔒" : "#" }));
  const direct = known.filter((one) => one.kind === "im").map((one) =>
    entry({ place: one.id, text: state.app.name, unread: one.unread, icon: "●" }));
  const lacking = "No app is installed here: start a bot on this sandbox, or run the demo.";
  return [
    h("h1", {}, "Parley sandbox"),
    actor(me),
    h("h2", {}, "Channels"),
    h("ul", {}, channels),
    h("h2", {}, "Apps"),
    h("ul", {}, state.app.home_tab && entry({ place: "home", text: `${state.app.name} Home`, icon: "⌂" }), direct),
    h("h2", {}, "Behind the scenes"),
    h("ul", {}, Object.entries(TITLES).map(tool)),
    !state.app.installed && h("p", { class: "warning" }, lacking),
  ];
}

function renderMain(here) {
  const home = open.place === "home";
  const closed = !home && here.kind === "im" && state.app.read_only;
  const title = home ? `${state.app.name} Home` : here.kind === "im" ? state.app.name : `# ${here.name}`;
  const tag = here.kind === "im" && "APP";
  show(parts.head, [title, tag], () => [h("h2", {}, title), tag && h("span", { class: "tag" }, tag)]);
  document.title = `${title} · Parley workspace`;
  parts.home.hidden = !home;
  parts.list.hidden = home;
  writer.node.hidden = home || closed || !here.member;
  parts.closed.hidden = !closed;
  if (home) showHome();
  else showMessages(parts.list, here, state, openThread);
  writer.tell(here.kind === "im" ? `Message ${state.app.name}` : `Message #${here.name}`);
}

function showHome() {
  const view = state.home;
  if (view) showBlocks(parts.home, view.blocks, { home: true }, view.state.values, view.errors);
  else parts.home.replaceChildren(h("p", { class: "none" }, "The app has published nothing here."));
}

function renderSide(here) {
  const name = open.thread ? "Thread" : TITLES[open.panel];
  side.hidden = !name;
  if (!name) return;
  show(beside.head, [name], () => {
    const close = press({ class: "plain", "aria-label": "Close panel", onclick: closeSide }, "×");
    return [h("h2", {}, name), close];
  });
  beside.body.hidden = Boolean(open.thread);
  beside.list.hidden = answerer.node.hidden = !open.thread;
  if (open.thread) {
    showThread(beside.list, here, open.thread, state);
    answerer.tell("Reply…");
  } else if (state.panel) showPanel(beside.body, open.panel, state.panel);
}

function closeSide() {
  Object.assign(open, { panel: "", thread: "" });
  again();
}

addEventListener("hashchange", visit);
addEventListener("focus", () => look());
visit();
