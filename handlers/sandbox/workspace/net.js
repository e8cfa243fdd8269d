// The way to the sandbox: what the person does, in order, and what they then see.

const EVERY_MS = 200;
let mark = "";
let query = {};
let listener = () => {};
let line = Promise.resolve();
let timer = 0;
let looking = Promise.resolve();

async function read(answer) {
  try {
    return await answer.json();
  } catch {
    return { error: "no_answer", detail: `status ${answer.status}` };
  }
}

async function post(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return await read(answer);
  } catch {
    return { error: "sandbox_gone", detail: "Nobody answers: is the demo still running?" };
  }
}

/** Do something as the person; things done are done one after the other. Never rejects. */
export function act(deed, body) {
  const user = query.user;
  const done = line.then(() => post(`/control/slack/${deed}`, { user, ...body }));
  line = done.then(look);
  return done;
}

/** Resolves when all that was done so far has been answered and shown. */
export function settled() {
  return line;
}

/** Ask a menu's source; doesn't wait for anything done before. */
export function suggest(body) {
  return post("/control/slack/suggest", { user: query.user, ...body });
}

/** Return Slack's rules: error code to sentence. */
export async function rules() {
  return read(await fetch("/control/workspace/rules"));
}

/** Let something go wrong. */
export function mishap(name) {
  return post("/control/workspace/mishap", { name, user: query.user }).finally(look);
}

/** Return one row of the traffic in full. */
export async function exchange(key) {
  return read(await fetch(`/control/workspace/exchange?key=${encodeURIComponent(key)}`));
}

/** Watch as a person, with a panel; `told` gets each new state, null where there is no such person. */
export function watch(wanted, told) {
  query = wanted;
  listener = told;
  mark = "";
  return look();
}

/** Look once the looks under way are done, and again in a moment. Never rejects. */
export function look() {
  clearTimeout(timer);
  const mine = looking.then(once);
  looking = mine;
  return mine.then(() => {
    if (looking === mine) timer = setTimeout(look, EVERY_MS);
  });
}

async function once() {
  const asked = query;
  const path = `/control/workspace/state?${new URLSearchParams(asked)}`;
  let answer;
  let state;
  try {
    answer = await fetch(path, { headers: mark ? { "If-None-Match": mark } : {}, cache: "no-store" });
    state = answer.status === 200 ? await answer.json() : null; // 409: nobody can act as that user
  } catch {
    document.body.classList.add("lost");
    return;
  }
  document.body.classList.remove("lost");
  if (asked !== query || answer.status === 304) return;
  mark = answer.headers.get("ETag") ?? "";
  try {
    listener(state);
  } catch (error) {
    reportError(error);
  }
}
