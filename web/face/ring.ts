// The circle, seen from one's own place: one ordered list; where it has room,
// CSS sets it as a ring, else as rows.
import { $, attr, drawing, h, keyed, text } from "./dom.ts";
import { middle } from "./stage.ts";
import { besides, can, nameOf, ringOf, type Known } from "./store.ts";
import * as texts from "./texts.ts";
import type { Reaction, SeatID } from "./wire.ts";

const hues = 8; // soft colours in ring.css
const signFor = 5000; // ms a reaction stays beside the person
const longPrompt = 40; // characters from which it is set smaller
const highest = -0.85; // the stick stays below what is above the ring

/** A soft colour for every seat: it stays while the seat is there, differs from its neighbours', and depends on nothing but ids and order, so that every screen shows the same. */
export function colour(order: SeatID[], had: Map<SeatID, number>): Map<SeatID, number> {
  const out = new Map<SeatID, number>();
  order.forEach((id, i) => {
    const near = [...order.slice(Math.max(0, i - 3), i), ...(i === order.length - 1 ? order.slice(0, 1) : [])].map((o) => out.get(o));
    let sum = 0;
    for (const c of id) sum = (sum * 31 + c.codePointAt(0)!) >>> 0;
    let hue = had.get(id) ?? sum % hues;
    while (!had.has(id) && near.includes(hue)) hue = (hue + 1) % hues;
    out.set(id, hue);
  });
  return out;
}

/** First letter of a name, as a person would write it. */
export function initial(name: string): string {
  const first = [...new Intl.Segmenter().segment(name.trim())][0]?.segment ?? "";
  return first.toLocaleUpperCase();
}

export class Ring {
  #signs = new Map<SeatID, { kind: Reaction; timer: number }>();
  #known: Known | undefined;
  #fits = 0;
  #asked = ""; // the question in the middle, and the room for it
  #less = 0; // what it takes for that to fit: 1 without what follows, 2 rows
  #measured = "";
  #hues = new Map<SeatID, number>();

  update(k: Known, fits = this.#fits): void {
    this.#fits = fits;
    this.#known = k;
    const ids = ringOf(k);
    this.#hues = colour(k.room.order, this.#hues);
    const list = $("seats");
    const ring = $("ring");
    const { length } = k.room.prompt;
    const { classList } = document.body;
    const asked = `${fits} ${innerWidth} ${innerHeight} ${k.room.prompt}`;
    if (asked !== this.#asked) [this.#asked, this.#less, this.#measured] = [asked, 0, ""];
    const wheel = ids.length <= fits && !shows(k) && !(classList.contains("short") && busy(k));
    this.#form(wheel);
    ring.classList.toggle("few", ids.length <= 6);
    ring.classList.toggle("tight", ids.length > 8);
    ring.classList.toggle("long", length > longPrompt);
    keyed(list, ids, (id) => id, makeSeat, (el, id) => this.#seat(el, id, k));
    const mine = ids[0] === k.you.seat;
    ids.forEach((id, i) => place(list.querySelector<HTMLElement>(`[data-key="${CSS.escape(id)}"]`)!, i, ids.length, mine));
    this.#stick(k, ids, mine);
    this.#middle(k);
    this.#listeners(k);
    const stands = [ids.map((id) => k.seats[id]!.name), $("where").textContent, $("next").textContent].join(" ");
    if (!wheel || stands === this.#measured) return;
    this.#measured = stands;
    for (; this.#less < 2 && crowded(); this.#form(wheel)) this.#less++; // and so it stays until something else is asked: no going to and fro
  }

  /** A ring, or rows. */
  #form(wheel: boolean): void {
    const ring = $("ring");
    const round = wheel && this.#less < 2;
    ring.classList.toggle("wheel", round);
    ring.classList.toggle("rows", !round);
    ring.classList.toggle("brief", this.#less === 1);
    attr(ring, "tabindex", round ? null : "0"); // rows may scroll
  }

  #seat(el: HTMLElement, id: SeatID, k: Known): void {
    const seat = k.seats[id]!;
    const { stick } = k.room;
    const has = stick.seat === id && stick.at === "held";
    const offered = stick.seat === id && stick.at === "offered";
    const name = seat.name || texts.someone;
    el.className = ["seat", id === k.you.seat && "me", has && "has", offered && "offered", (!seat.here || seat.out) && "away", seat.listening && "resting", seat.hand && "hand"].filter(Boolean).join(" ");
    const [face, label, sub, , sign] = [...el.children] as HTMLElement[];
    attr(face!, "data-hue", seat.name ? String(this.#hues.get(id)) : "none");
    text(face!, seat.name ? initial(seat.name) : "·");
    const me = id === k.you.seat;
    text(label!.firstElementChild!, me && !seat.name ? "" : name);
    text(label!.lastElementChild!, me ? (seat.name ? texts.thatIsYou : texts.you("")) : "");
    text(sub!, seatSays(k, id));
    const now = this.#signs.get(id)?.kind ?? "";
    if ((sign!.dataset.sign ?? "") !== now) {
      attr(sign!, "data-sign", now);
      sign!.replaceChildren(...(now ? [drawing(now)] : []));
    }
  }

  #stick(k: Known, ids: SeatID[], mine: boolean): void {
    const { at, seat } = k.room.stick;
    const i = seat ? ids.indexOf(seat) : -1;
    const svg = $("stick");
    svg.setAttribute("class", `stick ${at}`);
    const a = i < 0 ? undefined : angle(i, ids.length, mine);
    const side = a === undefined ? 0 : Math.cos(a) > 0.05 ? -1 : 1; // towards the middle
    set(svg, "--x", a === undefined ? 0 : Math.cos(a));
    set(svg, "--y", a === undefined ? 0.74 : Math.max(highest, Math.sin(a) * (at === "held" ? 1 : 0.94)));
    set(svg, "--side", side * (at === "held" ? 1 : 1.1));
    set(svg, "--lean", a === undefined ? 80 : side * (at === "held" ? 12 : 32));
  }

  #middle(k: Known): void {
    const says = middle(k);
    text($("where"), says.where);
    text($("prompt"), k.room.prompt);
    text($("next"), says.next);
    text($("then"), says.then);
  }

  #listeners(k: Known): void {
    const ids = besides(k);
    const box = $("listeners");
    const moderators = ids.filter((id) => k.seats[id]!.role === "moderator");
    const n = ids.length - moderators.length;
    box.hidden = ids.length === 0;
    const parts = [n > 0 && texts.listening(n), moderators.length > 0 && (n > 0 ? texts.moderators : texts.moderatorsHere)(moderators.length)].filter(Boolean);
    text(box.firstElementChild!, parts.join(" · "));
    const named = (id: SeatID) => (id === k.you.seat ? texts.you(k.seats[id]!.name ?? "") : nameOf(k, id));
    text(box.lastElementChild!, texts.names(ids.map(named)));
  }

  /** Shows a reaction beside whoever made it, for a while. */
  sign(id: SeatID, kind: Reaction): void {
    clearTimeout(this.#signs.get(id)?.timer);
    const timer = setTimeout(() => {
      this.#signs.delete(id);
      if (this.#known) this.update(this.#known);
    }, signFor);
    this.#signs.set(id, { kind, timer });
  }
}

function makeSeat(): HTMLElement {
  return h("li", { class: "seat" }, h("span", { class: "face", "aria-hidden": "true" }), h("span", { class: "name" }, h("bdi"), h("span")), h("span", { class: "sub" }), mini(), h("span", { class: "sign", "aria-hidden": "true" }), h("span", { class: "up", "aria-hidden": "true" }, drawing("hand")));
}

/** The stick as rows show it, beside whoever has it. */
function mini(): SVGSVGElement {
  const svg = drawing("stick");
  svg.classList.add("mini");
  return svg;
}

/** Whether one needs the room below: to write, or to answer an offer. */
function busy(k: Known): boolean {
  const { at, seat } = k.room.stick;
  return can(k, "say") || (seat === k.you.seat && at !== "resting");
}

/** Whether there is a picture to be looked at, which takes room. */
function shows(k: Known): boolean {
  const { at, turn } = k.room.stick;
  return at === "held" && k.words.some((w) => w.picture && !w.gone && w.turn === turn);
}

/** Whether what stands in the middle of the ring touches a seat or a place of the stick; whoever has it just now, and whatever a seat says, it stays the same. */
function crowded(): boolean {
  const em = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const ring = $("ring").getBoundingClientRect();
  const middle = (ring.left + ring.right) / 2;
  const taken: number[][] = []; // left, right, top, bottom
  const take = (x: number, half: number, top: number, bottom: number) => taken.push([x - half * em, x + half * em, top, bottom]);
  for (const seat of $("seats").children) {
    const { left, right, top, bottom } = seat.firstElementChild!.getBoundingClientRect();
    const x = (left + right) / 2;
    take(x, 1.4, top, bottom);
    take(x, 2.5, bottom, bottom + 2.3 * em); // a name, and a line below it
    if (Math.abs(x - middle) > 2 * em) take(x + (x < middle ? 1.55 : -1.55) * em, 1.55, top - em, bottom); // the stick beside it
  }
  const rest = ring.top + 0.73 * ring.height - 0.75 * em;
  take(middle, 2, rest - 0.6 * em, rest + 0.6 * em);
  const words = document.createRange();
  return ["where", "prompt", "next", "then"].some((id) => {
    words.selectNodeContents($(id));
    return [...words.getClientRects()].some((l) => taken.some(([left, right, top, bottom]) => Math.min(l.right, right!) - Math.max(l.left, left!) > 1 && Math.min(l.bottom, bottom!) - Math.max(l.top, top!) > 3));
  });
}

function seatSays(k: Known, id: SeatID): string {
  const seat = k.seats[id]!;
  const { stick, chair, round, stage, support } = k.room;
  if (!seat.here) return texts.dropped;
  if (seat.out) return texts.aside.out;
  if (stick.seat === id && stick.at === "held") return texts.holding;
  if (stick.seat === id && stick.at === "offered") return texts.offered;
  if (seat.hand) return texts.handUp;
  const drawn = round.going && stage?.order === "random" && !support ? (round.next ?? []).indexOf(id) : -1;
  if (drawn >= 0) return texts.toCome(drawn);
  if (chair === id) return texts.keeps;
  if (seat.listening) return texts.today;
  return seat.pronouns ?? "";
}

/** Clockwise from the bottom, where one sits; from outside the ring the gap is there. */
function angle(i: number, n: number, mine: boolean): number {
  return Math.PI / 2 + ((i + (mine ? 0 : 0.5)) * 2 * Math.PI) / n;
}

function place(el: HTMLElement, i: number, n: number, mine: boolean): void {
  const a = angle(i, n, mine);
  set(el, "--x", Math.cos(a));
  set(el, "--y", Math.sin(a));
}

function set(el: HTMLElement | SVGElement, name: string, v: number): void {
  const s = String(Math.round(v * 1000) / 1000);
  if (el.style.getPropertyValue(name) !== s) el.style.setProperty(name, s);
}
