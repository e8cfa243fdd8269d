// A channel or the app's direct messages: what was said, oldest first, and threads.

import { openMenu } from "./asking.js";
import { showBlocks } from "./blocks.js";
import { calendarDay, dayName, near, time } from "./dates.js";
import { h, press, sync } from "./dom.js";
import { act } from "./net.js";
import { rendered } from "./text.js";

const NEAR_END = 80;

/** Show the messages of a channel in `list`; `openThread` is told a ts. */
export function showMessages(list, channel, state, openThread) {
  const replies = new Map();
  for (const one of channel.messages) {
    if (isReply(one)) replies.set(one.thread_ts, (replies.get(one.thread_ts) ?? 0) + 1);
  }
  const counted = (one) => ({ ...one, replies: replies.get(one.ts) ?? 0 });
  const rows = channel.messages.filter((one) => !isReply(one)).map(counted);
  fill(list, rows, state, openThread, { key: "intro", intro: [channel.name, channel.kind, channel.member, today(state)] });
}

/** Show one thread: the message it hangs on and the answers. */
export function showThread(list, channel, ts, state) {
  fill(list, channel.messages.filter((one) => one.ts === ts || one.thread_ts === ts), state, null);
}

function today(state) {
  return calendarDay(state.now, state.people.find((one) => one.id === state.me).tz);
}

function isReply(message) {
  return message.thread_ts && message.thread_ts !== message.ts;
}

function fill(list, rows, state, openThread, first) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
  const before = list.lastElementChild?.dataset.key;
  const me = state.people.find((one) => one.id === state.me);
  const items = first ? [first] : [];
  let day = "";
  for (const message of rows) {
    const unix = Number(message.ts);
    const name = dayName(unix, state.now, me.tz);
    if (name !== day) items.push({ key: `day ${name}`, day: (day = name) });
    items.push({ key: message.ts, message });
  }
  // What was chosen in a message isn't part of the mark: the node stays, and is told the choice.
  const mark = (item) => JSON.stringify(item, (key, value) => (key === "state" ? undefined : value));
  sync(list, items, (item) => item.key, (item) => {
    if (item.intro) return intro(item.intro, state.app);
    return item.day ? divider(item.day) : one(item.message, state, me, openThread);
  }, mark);
  for (const { key, message } of items) {
    if (!message?.blocks) continue;
    const holder = list.querySelector(`[data-key="${key}"] .blocks`);
    showBlocks(holder, message.blocks, { channel: message.channel, ts: message.ts }, message.state.values);
  }
  if (atEnd || before !== list.lastElementChild?.dataset.key) list.scrollTop = list.scrollHeight;
}

function intro([name, kind, member, day], app) {
  if (kind === "im") {
    return h("div", { class: "intro" }, h("h3", {}, app.name), h("p", {}, "What the app tells you alone."));
  }
  const commands = app.commands.map((one) => one.command).join(", ");
  return h("div", { class: "intro" }, h("h3", {}, `#${name}`),
    h("p", {}, member ? `Everything here is made up and stays on this machine. Today is ${day}.`
      : "You aren't in this channel."),
    member && commands && h("p", {}, `Type / for the app's commands: ${commands}.`));
}

function divider(day) {
  return h("div", { class: "day", role: "separator" }, h("span", {}, day));
}

function one(message, state, me, openThread) {
  const author = state.people.find((person) => person.id === message.user);
  const bot = message.from_bot || author?.bot;
  const name = author?.real_name ?? message.user;
  const unix = Number(message.ts);
  const when = time(unix, me.tz);
  const label = `${name}, ${near(unix, state.now, me.tz)} ${when}`;
  const replies = message.replies === 1 ? "1 reply" : `${message.replies} replies`;
  const tag = bot && h("span", { class: "tag" }, "APP");
  return h("article", { class: `message${message.ephemeral ? " ephemeral" : ""}`, "aria-label": label },
    h("span", { class: `face ${bot ? "bot" : ""}`, "aria-hidden": "true" }, name[0]),
    h("div", { class: "content" },
      h("div", { class: "who" }, h("strong", {}, name), tag, h("span", { class: "when" }, when)),
      message.ephemeral && h("p", { class: "only" }, "Only visible to you"),
      message.blocks ? h("div", { class: "blocks" }) : h("div", { class: "text" }, rendered(message.text)),
      message.attachments?.map((data) => h("div", { class: "attachment" }, rendered(data.text ?? data.fallback ?? ""))),
      message.edited && h("span", { class: "when" }, "(edited)"),
      message.replies > 0 && press({ class: "replies", onclick: () => openThread(message.ts) }, replies)),
    tools(message, state, openThread));
}

function tools(message, state, openThread) {
  if (message.ephemeral || !openThread) return null;
  const shortcuts = state.app.message_shortcuts.map((one) => ({
    text: one.name, about: state.app.name,
    go: () => act("message_shortcut", { callback_id: one.callback_id, channel: message.channel, ts: message.ts }),
  }));
  const more = press({ class: "plain", "aria-label": "More actions on this message", "aria-haspopup": "menu" }, "⋮");
  more.addEventListener("click", () => openMenu(more, shortcuts));
  return h("div", { class: "tools" },
    press({ class: "plain", "aria-label": "Reply in thread", onclick: () => openThread(message.ts) }, "↩"),
    shortcuts.length > 0 && more);
}
