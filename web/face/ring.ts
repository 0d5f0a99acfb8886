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
const mostPrompt = { wide: 160, narrow: 100 }; // characters that fit into the middle of a ring

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
    const most = classList.contains("wide") ? mostPrompt.wide : mostPrompt.narrow;
    const wheel = ids.length <= fits && length <= most && !(classList.contains("short") && busy(k));
    ring.classList.toggle("wheel", wheel);
    ring.classList.toggle("rows", !wheel);
    attr(ring, "tabindex", wheel ? null : "0"); // rows may scroll
    ring.classList.toggle("tight", ids.length > 8);
    ring.classList.toggle("long", length > longPrompt);
    keyed(list, ids, (id) => id, makeSeat, (el, id) => this.#seat(el, id, k));
    const mine = ids[0] === k.you.seat;
    ids.forEach((id, i) => place(list.querySelector<HTMLElement>(`[data-key="${CSS.escape(id)}"]`)!, i, ids.length, mine));
    this.#stick(k, ids, mine);
    this.#middle(k);
    this.#listeners(k);
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
    set(svg, "--y", a === undefined ? 0.74 : Math.sin(a) * (at === "held" ? 1 : 0.94));
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
