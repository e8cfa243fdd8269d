// Nodes from data: text goes in as text, never as markup.

const marks = new WeakMap();
let serial = 0;

/** Make an element; props are attributes, `on<event>` listeners and booleans. */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

/** Make a button that submits nothing. */
export function press(props, ...children) {
  return h("button", { type: "button", ...props }, ...children);
}

/** Return an id no other element has. */
export function newId() {
  serial += 1;
  return `e${serial}`;
}

/**
 * Let `holder` have one child per item, in order. A child whose item has the same key and mark
 * stays the very node it is: with its focus, its scroll position and what was typed into it.
 */
export function sync(holder, items, keyOf, build, markOf = JSON.stringify) {
  const keys = new Set(items.map(keyOf));
  for (const node of [...holder.children]) if (!keys.has(node.dataset.key)) node.remove();
  const there = new Map([...holder.children].map((node) => [node.dataset.key, node]));
  let previous = null;
  for (const item of items) {
    const key = keyOf(item);
    const mark = markOf(item);
    let node = there.get(key);
    if (!node || marks.get(node) !== mark) {
      const fresh = build(item);
      fresh.dataset.key = key;
      marks.set(fresh, mark);
      if (node) node.replaceWith(fresh);
      node = fresh;
    }
    const place = previous ? previous.nextSibling : holder.firstChild;
    if (place !== node) holder.insertBefore(node, place);
    previous = node;
  }
}

/** Replace what is in `holder` when `data` differs from what it was made of. */
export function show(holder, data, build) {
  const mark = JSON.stringify(data);
  if (marks.get(holder) === mark) return;
  marks.set(holder, mark);
  keepingFocus(holder, () => holder.replaceChildren(...[build(data)].flat(Infinity).filter(Boolean)));
}

/** Do `work`, which may replace nodes; put the focus back on the node that took the old one's place. */
export function keepingFocus(holder, work) {
  const active = document.activeElement;
  const name = holder.contains(active) ? active.dataset.focus : undefined;
  const caret = name && typeof active.selectionStart === "number" ? [active.selectionStart, active.selectionEnd] : null;
  work();
  if (!name || active.isConnected) return;
  const heir = [...holder.querySelectorAll("[data-focus]")].find((node) => node.dataset.focus === name);
  heir?.focus({ preventScroll: true });
  if (heir && caret && heir.setSelectionRange) heir.setSelectionRange(...caret);
}
