// The queue: what waits, gravest first, as the house sorts it.
import { attr, h, keyed, text } from "./dom.ts";
import { day, soon, waits, what, when } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import type { Card, DeskView } from "./deskwire.ts";

/** Past its time, and nobody has it. */
export const isLate = (c: Card, now: number): boolean => c.state !== "closed" && !c.claim && c.due > 0 && now > c.due;

/** Waits for somebody, and should not. */
export const isUrgent = (c: Card): boolean => c.priority === 0 && c.state === "raised" && !c.claim;

type Row = HTMLLIElement;

/** One line for each case: a link to it, with all there is to know before. */
export class Cards {
  readonly el = h("ul", { class: "case-list" });
  #cards: Card[] = [];
  #you = "";

  show(cards: Card[], you: string, open: string, now: number): void {
    this.#cards = cards;
    this.#you = you;
    keyed<Card, Row>(this.el, cards, (c) => c.id, blank, (li, c) => this.#fill(li, c, open, now));
  }

  /** Times go on. */
  tick(now: number): void {
    this.#cards.forEach((c, i) => this.#times(this.el.children[i] as Row, c, now));
  }

  /** Goes to the next card, or the one before; from nowhere to the first. */
  move(by: number): void {
    const links = [...this.el.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const open = links.findIndex((a) => a.hasAttribute("aria-current"));
    const from = at >= 0 ? at : open >= 0 ? open : by > 0 ? -1 : links.length;
    links[Math.min(links.length - 1, Math.max(0, from + by))]?.focus();
  }

  #fill(li: Row, c: Card, open: string, now: number): void {
    const [link, title, tags, where, who] = parts(li);
    attr(link, "href", `#${c.id}`);
    attr(link, "aria-current", c.id === open ? "true" : null);
    li.className = `case-card p${c.priority}`;
    text(title, what(c));
    const list = [c.priority < 2 && c.state === "raised" ? soon[c.priority]! : "", c.reports > 1 ? t.reports(c.reports) : "", c.quotes ? t.quotes(c.quotes) : ""];
    const kinds = list.filter(Boolean).map((s) => h("span", { class: "tag quiet-tag" }, s));
    tags.replaceChildren(h("span", { class: "tag late", hidden: true }, t.late), ...kinds.flatMap((k) => [" ", k]));
    text(where, [c.title || t.noCircle, ...live(c)].join(" · "));
    text(who, this.#who(c, now));
    this.#times(li, c, now);
  }

  #times(li: Row, c: Card, now: number): void {
    const late = li.querySelector<HTMLElement>(".late")!;
    late.hidden = !isLate(c, now);
    text(li.querySelector(".age")!, c.closed ? t.closedOn(day(c.closed)) : c.again && c.again > now ? t.comesBack(day(c.again)) : c.state === "raised" ? waits(now - c.raised) : when(c.raised, now));
  }

  #who(c: Card, now: number): string {
    if (c.state !== "closed" && c.claim && c.claim.until > now) return c.claim.id === this.#you ? t.youHaveIt : t.hasIt(c.claim.name);
    return c.state === "with" ? t.withThem : "";
  }
}

function blank(): Row {
  return h("li", {}, h("a", { dir: "auto" },
    h("b", { class: "of" }), h("span", { class: "labels" }), h("span", { class: "where" }),
    h("span", { class: "foot-line" }, h("span", { class: "age" }), " ", h("span", { class: "who" }))));
}

const parts = (li: Row) => ["a", ".of", ".labels", ".where", ".who"].map((s) => li.querySelector<HTMLElement>(s)!) as [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement];

/** What is known of a live room, for one line. */
export function live(c: Card): string[] {
  if (!c.live) return [];
  return [c.live.people ? t.live(c.live.people) : t.liveNobody, c.live.facilitator ? t.facilitatorHere : t.facilitatorAway, c.live.moderator ? t.moderatorHere : ""].filter(Boolean);
}

/** What has come since the last view, gravest first. */
export function newCards(before: DeskView | undefined, now: DeskView): Card[] {
  if (!before) return [];
  const known = new Set(before.cards.map((c) => c.id));
  return now.cards.filter((c) => !known.has(c.id) && c.state === "raised");
}
