// The whole DOM helper: make, find, and keep lists in step. Text goes in as
// text only.

type Child = Node | string | false | null | undefined;
type Props = Record<string, string | boolean | number | EventListener | undefined>;

/** Makes an element. A prop that is a function listens to that event; true is an empty attribute; false and undefined are none. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const el = document.createElement(tag);
  for (const [name, v] of Object.entries(props)) {
    if (typeof v === "function") el.addEventListener(name, v);
    else attr(el, name, v === true ? "" : v === false || v === undefined ? null : String(v));
  }
  el.append(...children.filter((c): c is Node | string => c instanceof Node || !!c));
  return el;
}

/** Sets an attribute, or takes it away; touches nothing that is already so. */
export function attr(el: Element, name: string, value: string | null): void {
  if (value === null) el.removeAttribute(name);
  else if (el.getAttribute(name) !== value) el.setAttribute(name, value);
}

/** Sets text; touches nothing that is already so. */
export function text(el: Element, value: string): void {
  if (el.textContent !== value) el.textContent = value;
}

/** A drawing of drawings.html. */
export function drawing(name: string): SVGSVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(ns, "use"));
  svg.firstElementChild!.setAttribute("href", `#d-${name}`);
  return svg;
}

/** Finds what the page's template has. */
export function $<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Keeps the children of a parent in step with items. An element stays the same one as long as its key is there, so focus and reading stay. */
export function keyed<I, E extends HTMLElement>(parent: Element, items: I[], key: (i: I) => string, make: (i: I) => E, update: (el: E, i: I) => void): void {
  const old = new Map([...parent.children].map((el) => [(el as HTMLElement).dataset.key, el as E]));
  const keys = new Set(items.map(key));
  for (const [k, el] of old) if (k === undefined || !keys.has(k)) el.remove();
  items.forEach((item, i) => {
    const el = old.get(key(item)) ?? make(item);
    el.dataset.key = key(item);
    update(el, item);
    if (parent.children[i] !== el) parent.insertBefore(el, parent.children[i] ?? null);
  });
}
