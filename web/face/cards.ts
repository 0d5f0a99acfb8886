// Quiet cards between the words and the bar: a question, a reminder, the way
// in for whoever comes late. One at a time, none of them in the way, and only
// this person sees them.
import { $, attr, h, keyed, text } from "./dom.ts";
import type { Do } from "./acts.ts";
import type { Act } from "./bar.ts";
import { byHand } from "./stage.ts";
import { can, nameOf, type Known } from "./store.ts";
import * as texts from "./texts.ts";

/** One card. */
export interface Card {
  key: string;
  title: string;
  say: string[];
  rules?: "open" | "folded"; // with the ground rules of this page
  fill?: (list: HTMLElement) => void; // with people, who are kept in step
  acts: Act[];
  close?: boolean | string; // by a button of its own, that says so
  fold?: "open" | "folded"; // closed it is a button that opens it; how it begins
  news?: string; // another one is told again
  beside?: boolean; // stands somewhere else: it is only told
}

export class Cards {
  #open = new Map<string, boolean>(); // what this person opened and closed
  #told = new Set<string>();
  #again: () => void;

  /** Calls back when one was closed. */
  constructor(again: () => void) {
    this.#again = again;
  }

  /** Shows the first that was not closed, and what is folded; tells their titles when they are new. */
  update(cards: Card[], live: boolean): string {
    const here = cards.filter((c) => !c.beside);
    const open = here.find((c) => this.#open.get(c.key) ?? c.fold !== "folded");
    const shown = here.filter((c) => c === open || c.fold);
    const tell = [...shown, ...cards.filter((c) => c.beside)];
    const fresh = tell.filter((c) => !this.#told.has(news(c))).map((c) => c.title);
    this.#told = new Set(tell.map(news));
    const box = $("cards");
    const had = box.contains(document.activeElement);
    keyed(box, shown, (c) => (c === open ? c.key : `${c.key}-folded`), (c) => (c === open ? makeCard(c) : h("button", { type: "button", class: "button folded", "aria-expanded": "false" })), (el, c) => {
      if (c === open) return this.#fill(el, c, live);
      text(el, c.title);
      el.onclick = () => this.#set(c.key, true);
    });
    box.hidden = !shown.length;
    if (had && !box.contains(document.activeElement)) (box.querySelector<HTMLElement>(".folded, .body") ?? $("now")).focus();
    return fresh.join(" ");
  }

  #fill(el: HTMLElement, c: Card, live: boolean): void {
    const [title, body, row] = [...el.children] as HTMLElement[];
    const [say, rules, people] = [...body!.children] as HTMLElement[];
    text(title!, c.title);
    keyed(say!, c.say, (s) => s, () => h("p", { dir: "auto" }), (p, s) => text(p, s));
    if (c.rules && !rules!.children.length) rules!.append(...groundRules(c.rules));
    c.fill?.(people!);
    const close: Act = { key: "close", label: typeof c.close === "string" ? c.close : texts.card.close, do: () => this.close(c.key) };
    keyed(row!, [...c.acts, ...(c.close ? [close] : [])], (a) => a.key, () => h("button", { type: "button" }), (b, a) => {
      const usable = live || a.key === "close";
      b.className = `button${a.lead ? " lead" : ""}`;
      text(b, a.label);
      attr(b, "aria-disabled", usable ? null : "true");
      b.onclick = () => usable && a.do();
    });
  }

  /** Closes a card; one that folds can be opened again. */
  close(key: string): void {
    this.#set(key, false);
  }

  #set(key: string, open: boolean): void {
    this.#open.set(key, open);
    this.#again();
  }
}

const news = (c: Card) => `${c.key} ${c.news ?? ""}`;

function makeCard(c: Card): HTMLElement {
  const id = `card-${c.key}`;
  return h("section", { class: "card note-card", "aria-labelledby": id }, h("h2", { id }), h("div", { class: "body", tabindex: "0" }, h("div"), h("div"), c.fill && h("ol", { class: "people" })), h("div", { class: "acts" }));
}

/** The ground rules as the door has them; nothing if there are none. */
function groundRules(how: "open" | "folded"): Node[] {
  const list = $("rules")?.cloneNode(true) as HTMLElement | undefined;
  if (!list) return [];
  list.removeAttribute("id");
  return [how === "open" ? list : h("details", {}, h("summary", {}, texts.card.rules), list)];
}

/** Whoever keeps the circle asks whether one would like support. */
export function supportCard(k: Known, act: Do): Card[] {
  if (k.you.support !== "offered" || !can(k, "consent")) return [];
  const t = texts.card;
  const { chair } = k.room;
  return [{
    key: "support", title: t.support(chair && chair !== k.you.seat ? nameOf(k, chair) : ""), say: [t.supportSay],
    acts: [
      { key: "yes", label: t.yes, lead: true, do: () => void act("consent", { yes: true }) },
      { key: "no", label: t.no, do: () => void act("consent", { yes: false }) },
    ],
  }];
}

/** For whoever came when the circle had begun: where it is, never what was said. */
export function catchUp(k: Known): Card {
  const t = texts.card;
  const { stage, prompt } = k.room;
  return { key: "late", title: t.caught, say: [t.asked(stage?.title ?? ""), prompt, place(k), t.before].filter(Boolean), rules: "folded", acts: [], close: true };
}

function place(k: Known): string {
  const t = texts.card;
  const { you, room } = k;
  if (you.role === "listener" || k.seats[you.seat]?.listening) return t.placeListen;
  if (byHand(k)) return t.placeHands;
  return room.round.going && you.before >= 0 ? t.place(you.before) : "";
}

/** The ground rules once more, as somebody reminded everybody. */
export function rulesCard(at: number): Card {
  return { key: `rules-${at}`, title: texts.card.rulesAgain, say: [], rules: "open", acts: [], close: true };
}

/** What this person wrote for themselves the last time, on this device. */
export function lastTime(words: string[], forget: () => void): Card {
  const t = texts.card;
  return { key: "last", title: t.last, say: [...words, t.lastSay], acts: [{ key: "delete", label: t.delete, do: forget }], close: true };
}
