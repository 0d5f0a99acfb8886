// The board of whoever keeps the circle: at the side where there is room,
// else a sheet. Everybody in order, one act each, the rest behind "…".
import { $, attr, drawing, h, keyed, text } from "./dom.ts";
import { endingTurn, person, type Do } from "./acts.ts";
import type { Act } from "./bar.ts";
import { besides, can, keeps, nameOf, short, turnMinutes, type Known } from "./store.ts";
import * as texts from "./texts.ts";
import type { SeatID } from "./wire.ts";

export class Board {
  #act: Do;
  #ring = h("ol", { class: "people", "aria-labelledby": "board-title" });
  #hereTitle = h("h3", {}, texts.listenersTitle);
  #here = h("ul", { class: "people" });
  #goneTitle = h("h3", {}, texts.removedTitle);
  #gone = h("ul", { class: "people" });
  #row = h("div", { class: "acts" });
  #box = h("div", { class: "board" }, h("h2", { id: "board-title" }, texts.boardTitle), this.#ring, this.#hereTitle, this.#here, this.#goneTitle, this.#gone);

  constructor(act: Do) {
    this.#act = act;
  }

  update(k: Known, now: number, acts: Act[], wide: boolean): void {
    const shown = keeps(k);
    $("side").hidden = !shown || !wide;
    $("open-board").hidden = !shown || wide;
    document.body.classList.toggle("keeps", shown && wide);
    const home = wide ? $("side") : $("sheet-in");
    if (this.#box.parentElement !== home) {
      home.append(this.#box);
      if (wide) this.#box.append(this.#row);
      else this.#box.prepend(this.#row);
    }
    if ((wide || !shown) && $<HTMLDialogElement>("sheet").open) $<HTMLDialogElement>("sheet").close();
    const others = besides(k);
    const removed = k.keep?.removed ?? [];
    this.#people(this.#ring, k.room.order.filter((id) => k.seats[id]), k, now);
    this.#people(this.#here, others, k, now);
    this.#hereTitle.hidden = this.#here.hidden = others.length === 0;
    this.#goneTitle.hidden = this.#gone.hidden = removed.length === 0;
    keyed(this.#gone, removed, (id) => id, () => h("li"), (el, id) => text(el, texts.wasRemoved(nameOf(k, id))));
    this.#row.hidden = acts.length === 0;
    keyed(this.#row, acts, (a) => a.key, () => h("button", { type: "button", class: "button" }), (el, a) => {
      text(el, a.label);
      attr(el, "aria-disabled", k.live ? null : "true");
      el.onclick = () => k.live && a.do();
    });
  }

  #people(list: HTMLElement, ids: SeatID[], k: Known, now: number): void {
    const turn = k.room.stick.turn;
    keyed(list, ids, (id) => id, makePerson, (li, id) => {
      const seat = k.seats[id]!;
      const [dot, who, offer, more] = [...li.children] as HTMLElement[];
      dot!.className = seat.here ? "dot here" : "dot";
      text(who!.firstElementChild!, id === k.you.seat ? texts.you(seat.name ?? "") : nameOf(k, id));
      text(who!.lastElementChild!, status(k, id, now));
      const free = seat.here && !seat.listening && !k.keep?.muted?.[id] && k.room.stick.seat !== id && k.room.order.includes(id);
      offer!.hidden = !can(k, "offer") || !free;
      attr(offer!, "aria-label", texts.offerTo(nameOf(k, id)));
      offer!.onclick = () => k.live && endingTurn(k, texts.offerTo(short(nameOf(k, id))), () => this.#act("offer", { turn, seat: id }));
      const over = id !== k.you.seat && seat.role !== "facilitator" && seat.role !== "moderator";
      more!.hidden = !over || !(can(k, "mute") || can(k, "remove") || can(k, "deputy"));
      attr(more!, "aria-label", texts.more(nameOf(k, id)));
      more!.onclick = () => k.live && person(k, id, this.#act);
      for (const b of [offer!, more!]) attr(b, "aria-disabled", k.live ? null : "true");
    });
  }
}

function makePerson(): HTMLElement {
  return h("li", {}, h("span", { class: "dot", "aria-hidden": "true" }), h("span", { class: "who" }, h("b", {}), " ", h("small", {})),
    h("button", { type: "button", class: "button" }, texts.offer), h("button", { type: "button", class: "button round", "aria-haspopup": "dialog" }, drawing("more")));
}

function status(k: Known, id: SeatID, now: number): string {
  const seat = k.seats[id]!;
  const { stick, chair, round } = k.room;
  const away = k.keep?.away?.[id];
  const muted = k.keep?.muted?.[id];
  const parts: string[] = [];
  if (!seat.here) parts.push(texts.lineDropped(away ? Math.floor((now - away) / 60_000) : 0));
  if (muted) parts.push(texts.mutedUntil(texts.clock(muted)));
  if (stick.seat === id && stick.at === "held") parts.push(`${texts.speakingNow}${turnMinutes(k, now) ? `, ${texts.minutes(turnMinutes(k, now))}` : ""}`);
  else if (stick.seat === id && stick.at === "offered") parts.push(texts.offeredNow);
  else if (round.going && round.next?.[0] === id) parts.push(texts.nextUp);
  if (seat.listening) parts.push(texts.today);
  if (chair === id) parts.push(texts.keeps);
  else if (seat.role === "deputy") parts.push(texts.deputy);
  else if (seat.role === "moderator") parts.push(texts.isModerator);
  else if (seat.role === "listener") parts.push(texts.isListening);
  return parts.join(" · ");
}
