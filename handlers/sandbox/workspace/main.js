// The page: who acts, what is open, and one state shown everywhere.

import { showBlocks } from "./blocks.js";
import { composer } from "./composer.js";
import { showMessages, showThread } from "./conversation.js";
import { h, show } from "./dom.js";
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
let state = null;

const writer = composer(() => ({ channel: channel().id }), () => state);
const answerer = composer(() => ({ channel: channel().id, thread: open.thread }), () => state);
const parts = { head: h("header"), list: h("div", { class: "list", role: "log", "aria-label": "Messages", tabindex: "0" }), home: h("div", { class: "home", tabindex: "0" }), closed: h("p", { class: "closed" }, "Sending messages to this app has been turned off.") };
main.append(parts.head, parts.list, parts.home, writer.node, parts.closed);
const beside = { head: h("header"), body: h("div", { class: "panel", tabindex: "0" }), list: h("div", { class: "list", role: "log", "aria-label": "Thread", tabindex: "0" }) };
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
    state = told;
    render();
  });
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

function sideNodes(me) {
  const actors = state.people.filter((one) => one.acts);
  const chooser = h("select", { id: "actor", "data-focus": "actor", onchange: () => go(open.place, chooser.value) },
    actors.map((one) => h("option", { value: one.id, selected: one.id === state.me }, one.real_name)));
  const entry = (place, text, unread, icon) => h("li", {}, h("button", { type: "button", "data-focus": place, "aria-current": open.place === place ? "page" : null, class: unread ? "unread" : null, onclick: () => go(place) },
    h("span", { class: "icon", "aria-hidden": "true" }, icon), text, unread && h("span", { class: "sr" }, " unread")));
  const tool = ([name, text]) => h("li", {}, h("button", { type: "button", "data-focus": name, "aria-pressed": String(open.panel === name), onclick: () => toggle(name) }, h("span", { class: "icon", "aria-hidden": "true" }, ICONS[name]), text));
  const known = rows();
  return [
    h("h1", {}, "Parley sandbox"),
    h("div", { class: "actor" }, h("label", { for: "actor" }, "Acting as"), chooser, h("small", {}, `${me.account} · ${me.tz}`)),
    h("h2", {}, "Channels"),
    h("ul", {}, known.filter((one) => one.kind !== "im").map((one) => entry(one.id, one.name, one.unread, one.kind === "private" ? "🔒" : "#"))),
    h("h2", {}, "Apps"),
    h("ul", {}, state.app.home_tab && entry("home", `${state.app.name} Home`, false, "⌂"),
      known.filter((one) => one.kind === "im").map((one) => entry(one.id, state.app.name, one.unread, "●"))),
    h("h2", {}, "Behind the scenes"),
    h("ul", {}, Object.entries(TITLES).map(tool)),
    !state.app.installed && h("p", { class: "warning" }, "No app is installed here: start a bot on this sandbox, or run the demo."),
  ];
}

function renderMain(here) {
  const home = open.place === "home";
  const closed = !home && here.kind === "im" && state.app.read_only;
  const title = home ? `${state.app.name} Home` : here.kind === "im" ? state.app.name : `# ${here.name}`;
  show(parts.head, [title, here.kind], () => [h("h2", {}, title), here.kind === "im" && h("span", { class: "tag" }, "APP")]);
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
  const close = () => { Object.assign(open, { panel: "", thread: "" }); again(); };
  show(beside.head, [name], () => [h("h2", {}, name), h("button", { type: "button", class: "plain", "aria-label": "Close panel", onclick: close }, "×")]);
  beside.body.hidden = Boolean(open.thread);
  beside.list.hidden = answerer.node.hidden = !open.thread;
  if (open.thread) {
    showThread(beside.list, here, open.thread, state);
    answerer.tell("Reply…");
  } else if (state.panel) showPanel(beside.body, open.panel, state.panel);
}

addEventListener("hashchange", visit);
addEventListener("focus", () => look());
visit();
