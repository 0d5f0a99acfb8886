// Putting the rows of a list in another order: drag a row by its grip, or
// use the arrow keys on it. What the order means is up to whoever asks.
import { drawing, h } from "./dom.ts";

export interface Sorting {
  /** A row was put before another; "" is the end. It becomes the place-th of all. */
  move(key: string, before: string, place: number, all: number): void;
  /** The row went away while it was being dragged. */
  gone(key: string): void;
  /** The grip was pressed, not dragged. */
  press?(key: string): void;
}

const slip = 5; // px: less is a press, not a drag

/** A row's grip: a button where keys can move the row, else for the pointer alone. */
export function grip(keys: boolean): HTMLElement {
  return keys ? h("button", { type: "button", class: "grip", "aria-describedby": "grip-hint" }, drawing("grip")) : h("span", { class: "grip", "aria-hidden": "true" }, drawing("grip"));
}

/** Lets the rows of a list be moved that have a grip. */
export function sortable(list: HTMLElement, s: Sorting): void {
  const rows = () => [...list.children].filter((li): li is HTMLElement => !!li.querySelector<HTMLElement>(".grip:not([hidden])"));
  const keyOf = (e: Event) => (e.target as Element).closest(".grip")?.closest("li")?.dataset.key;
  const put = (key: string, to: number) => {
    const all = rows();
    const others = all.filter((li) => li.dataset.key !== key);
    const at = Math.max(0, Math.min(to, others.length));
    if (all.findIndex((li) => li.dataset.key === key) !== at) s.move(key, others[at]?.dataset.key ?? "", at + 1, all.length);
  };
  let dragged = false;
  list.addEventListener("keydown", (e) => {
    const key = keyOf(e);
    const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    const by = steps[e.key];
    if (!key || by === undefined) return;
    e.preventDefault();
    put(key, rows().findIndex((li) => li.dataset.key === key) + by);
  });
  list.addEventListener("click", (e) => {
    const key = keyOf(e);
    if (key && !dragged) s.press?.(key);
    dragged = false;
  });
  list.addEventListener("pointerdown", (e) => {
    const key = keyOf(e);
    dragged = false;
    if (!key || e.button !== 0) return;
    drag(list, rows, key, e.clientY, (to) => {
      dragged = true;
      if (to === undefined) s.gone(key);
      else put(key, to);
    });
  });
}

/** Follows the pointer; the list may change meanwhile. Ends with the row's new place, or undefined if the row is gone. */
function drag(list: HTMLElement, rows: () => HTMLElement[], key: string, from: number, done: (to?: number) => void): void {
  const stop = new AbortController();
  const { signal } = stop;
  let moved = false;
  let to = 0;
  const clear = () => {
    for (const li of list.children) li.classList.remove("dragged", "put-before", "put-after");
  };
  const end = () => {
    stop.abort();
    clear();
    for (const li of list.children) (li as HTMLElement).style.removeProperty("translate");
  };
  addEventListener("pointermove", (e) => {
    if (!moved && Math.abs(e.clientY - from) < slip) return;
    moved = true;
    clear();
    const row = rows().find((li) => li.dataset.key === key);
    if (!row) {
      end();
      return done();
    }
    row.classList.add("dragged");
    row.style.setProperty("translate", `0 ${e.clientY - from}px`);
    const others = rows().filter((li) => li !== row);
    to = others.filter((li) => middle(li) < e.clientY).length;
    if (to < others.length) others[to]!.classList.add("put-before");
    else others.at(-1)?.classList.add("put-after");
  }, { signal });
  addEventListener("pointerup", () => {
    const here = rows().some((li) => li.dataset.key === key);
    end();
    if (moved) done(here ? to : undefined);
  }, { signal });
  addEventListener("pointercancel", end, { signal });
  addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    e.preventDefault(); // the drag ends, not the dialog
    end();
  }, { signal, capture: true });
}

function middle(el: HTMLElement): number {
  const { top, height } = el.getBoundingClientRect();
  return top + height / 2;
}

/** Draws, and gives the focus back to the button that had it, wherever its row is now. */
export function keepFocus(root: HTMLElement, draw: () => void): void {
  const had = document.activeElement;
  if (!(had instanceof HTMLElement) || !root.contains(had)) return draw();
  const row = had.closest("li");
  const nth = row ? [...row.querySelectorAll("button, input, textarea")].indexOf(had) : -1;
  draw();
  if (document.activeElement === had) return;
  const key = row?.dataset.key;
  const now = had.isConnected ? had : key && nth >= 0 ? [...root.querySelectorAll<HTMLElement>("li")].find((li) => li.dataset.key === key)?.querySelectorAll<HTMLElement>("button, input, textarea")[nth] : undefined;
  now?.focus({ preventScroll: true });
}
