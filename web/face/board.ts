// The board of whoever keeps the circle: at the side where there is room,
// else a sheet. Tonight's agenda, then everybody in order, one act each, the
// rest behind "…".
import { $, attr, drawing, h, keyed, text } from "./dom.ts";
import { endingTurn, forPerson, person, placeOf, type Do } from "./acts.ts";
import { Tonight } from "./agenda.ts";
import { asideSays } from "./aside.ts";
import type { Act } from "./bar.ts";
import { LetIn, waiting } from "./letin.ts";
import { Planner } from "./plan.ts";
import { all as letAllIn, fullSay } from "./says-letin.ts";
import { grip, keepFocus, sortable } from "./sorting.ts";
import { byHand } from "./stage.ts";
import { besides, can, keeps, nameOf, short, turnMinutes, type Known } from "./store.ts";
import * as texts from "./texts-board.ts";
import type { SeatID } from "./wire.ts";

export class Board {
  #act: Do;
  #known: Known | undefined;
  #wide = false;
  #plan: Planner;
  #tonight: Tonight;
  #letIn: LetIn;
  #doorTitle = h("h3");
  #doorFull = h("p", { class: "small" }, fullSay);
  #door = h("ol", { class: "people" });
  #doorAll = h("button", { type: "button", class: "button", click: () => this.#known?.live && this.#letIn.admitAll() }, letAllIn);
  #atDoor = h("section", { class: "at-door" }, this.#doorTitle, this.#doorFull, this.#door, this.#doorAll);
  #give = h("button", { type: "button", class: "button wide" });
  #supportSay = h("p");
  #supportYes = h("button", { type: "button", class: "button" }, texts.supportYes);
  #support = h("div", { class: "cue-card" }, this.#supportSay, this.#supportYes);
  #handsTitle = h("h3", {}, texts.handsRaised);
  #hands = h("ol", { class: "people hands" });
  #comeTitle = h("h3");
  #come = h("ol", { class: "people" });
  #restTitle = h("h3", {}, texts.everybodyElse);
  #ring = h("ol", { class: "people", "aria-labelledby": "board-title" });
  #hereTitle = h("h3", {}, texts.listenersTitle);
  #here = h("ul", { class: "people" });
  #goneTitle = h("h3", {}, texts.removedTitle);
  #gone = h("ul", { class: "people" });
  #row = h("div", { class: "acts" });
  #refused = h("p", { class: "problem", role: "alert" });
  #says = h("p", { class: "sr", role: "status" });
  #box = h("div", { class: "board" });

  constructor(act: Do) {
    this.#act = async (a, what) => {
      text(this.#refused, "");
      const done = await act(a, what);
      if (!done && !this.#wide) text(this.#refused, $("refused").textContent ?? ""); // the bar's own lies under the sheet
      return done;
    };
    this.#letIn = new LetIn(this.#act);
    this.#plan = new Planner(act);
    this.#tonight = new Tonight(this.#act, () => this.#known && this.#plan.open(this.#known));
    this.#box.append(this.#refused, this.#give, this.#tonight.el, this.#atDoor, this.#support, this.#handsTitle, this.#hands,
      h("h2", { id: "board-title" }, texts.boardTitle), this.#comeTitle, this.#come, this.#restTitle, this.#ring,
      this.#hereTitle, this.#here, this.#goneTitle, this.#gone, h("p", { hidden: true, id: "grip-hint" }, texts.gripHint), this.#says);
    for (const list of [this.#come, this.#ring]) {
      sortable(list, {
        move: (seat, before, place, all) => void this.#move(seat, before, place, all),
        gone: (seat) => this.#known && text(this.#says, texts.leftMeanwhile(nameOf(this.#known, seat))),
        press: (seat) => void (this.#known && placeOf(() => this.#known!, seat, this.#act)),
      });
    }
  }

  async #move(seat: SeatID, before: SeatID, place: number, all: number): Promise<void> {
    if (!this.#known?.live) return;
    if (await this.#act("move", { seat, ...(before && { before }) })) text(this.#says, texts.movedTo(nameOf(this.#known, seat), place, all));
  }

  update(k: Known, now: number, acts: Act[], wide: boolean): void {
    this.#known = k;
    this.#wide = wide;
    const shown = keeps(k);
    $("side").hidden = !shown || !wide;
    $("open-board").hidden = !shown || wide;
    document.body.classList.toggle("keeps", shown && wide);
    const agenda = !!k.keep?.agenda?.length;
    const home = wide ? $("side") : $("sheet-in");
    if (this.#box.parentElement !== home) home.append(this.#box);
    // Beside the ring the door stays in sight at the foot of the board, and moves nothing there.
    if (wide && this.#atDoor.nextSibling) this.#box.append(this.#atDoor);
    if (!wide && this.#atDoor.previousSibling !== this.#tonight.el) this.#tonight.el.after(this.#atDoor);
    const before = wide ? this.#atDoor : agenda ? this.#support : this.#box.firstChild;
    if (!this.#row.parentElement || (before !== this.#row && this.#row.nextSibling !== before)) this.#box.insertBefore(this.#row, before);
    if (wide) text(this.#refused, "");
    if ((wide || !shown) && $<HTMLDialogElement>("sheet").open) $<HTMLDialogElement>("sheet").close();
    keepFocus(this.#box, () => this.#draw(k, now, acts));
    this.#plan.update(k, now);
  }

  #draw(k: Known, now: number, acts: Act[]): void {
    const next = acts.find((a) => a.lead);
    this.#tonight.update(k, now, next);
    this.#giveBack(k);
    this.#wants(k);
    this.#waits(k);
    const others = besides(k);
    const removed = k.keep?.removed ?? [];
    this.#circle(k, now);
    this.#people(this.#here, others, k, now, false);
    this.#hereTitle.hidden = this.#here.hidden = others.length === 0;
    this.#goneTitle.hidden = this.#gone.hidden = removed.length === 0;
    keyed(this.#gone, removed, (id) => id, () => h("li"), (el, id) => text(el, texts.wasRemoved(nameOf(k, id))));
    this.#row.hidden = acts.every((a) => a === next);
    keyed(this.#row, acts.filter((a) => a !== next), (a) => a.key, () => h("button", { type: "button", class: "button" }), (el, a) => {
      text(el, a.label);
      attr(el, "aria-disabled", k.live ? null : "true");
      el.onclick = () => k.live && a.do();
    });
  }

  /** Who waits at the door. */
  #waits(k: Known): void {
    const v = waiting(k) ?? { list: [] };
    this.#atDoor.hidden = !v.list.length;
    this.#letIn.fill(this.#door, k, v);
    text(this.#doorTitle, this.#letIn.title(v));
    this.#doorFull.hidden = !v.full;
    this.#doorAll.hidden = !this.#letIn.all(k, v);
    attr(this.#doorAll, "aria-disabled", k.live ? null : "true");
  }

  /** A deputy sees that the facilitator is there again. */
  #giveBack(k: Known): void {
    const deputy = k.room.chair === k.you.seat && !can(k, "deputy");
    const back = deputy ? k.room.order.find((id) => id !== k.you.seat && k.seats[id]?.role === "facilitator" && k.seats[id]?.here) : undefined;
    this.#give.hidden = !back;
    if (!back) return;
    text(this.#give, texts.giveBack(nameOf(k, back)));
    attr(this.#give, "aria-disabled", k.live ? null : "true");
    this.#give.onclick = () => void (k.live && this.#act("hand-over", { seat: back }));
  }

  /** Raised hands, and who would like support. */
  #wants(k: Known): void {
    const s = k.keep?.support;
    this.#support.hidden = !s || s.step === "going";
    if (s) {
      const asks = s.step === "wanted" && !s.asked && can(k, "support");
      text(this.#supportSay, (s.step === "offered" ? texts.supportAsked : asks ? texts.supportWanted : texts.supportComes)(nameOf(k, s.seat)));
      this.#supportYes.hidden = !asks;
      this.#supportYes.onclick = () => {
        if (k.live) void this.#act("support", { seat: s.seat });
      };
    }
    const hands = byHand(k) && k.room.round.going ? [] : (k.keep?.hands ?? []).filter((id) => k.seats[id]);
    this.#handsTitle.hidden = this.#hands.hidden = hands.length === 0;
    keyed(this.#hands, hands, (id) => id, () => h("li", {}, h("span", { class: "who" }, h("b")), h("button", { type: "button", class: "button" }, texts.offer)), (li, id) => {
      text(li.firstElementChild!.firstElementChild!, called(k, id));
      this.#offer(li.lastElementChild as HTMLElement, k, id);
    });
  }

  /** The circle in order: who speaks and who is still to come first, while a round of an agenda goes. */
  #circle(k: Known, now: number): void {
    const order = k.room.order.filter((id) => k.seats[id]);
    const agenda = !!k.keep?.agenda?.length;
    const queue = agenda && k.room.round.going ? (k.keep?.queue ?? []).filter((id) => k.seats[id]) : [];
    const rest = order.filter((id) => !queue.includes(id));
    const moves = agenda && this.#wide && can(k, "move");
    text(this.#comeTitle, byHand(k) ? texts.handsInOrder : texts.stillToCome);
    this.#comeTitle.hidden = this.#come.hidden = this.#restTitle.hidden = queue.length === 0;
    this.#people(this.#come, queue, k, now, moves && k.room.stage?.order !== "least" && queue.length > 1);
    this.#people(this.#ring, rest, k, now, moves && !k.room.round.going && rest.length > 1);
  }

  #people(list: HTMLElement, ids: SeatID[], k: Known, now: number, moves: boolean): void {
    keyed(list, ids, (id) => id, makePerson, (li, id) => {
      const seat = k.seats[id]!;
      const [move, dot, who, offer, more] = [...li.children] as HTMLElement[];
      move!.hidden = !moves;
      attr(move!, "aria-label", texts.gripOf(nameOf(k, id), ids.indexOf(id) + 1, ids.length));
      dot!.className = seat.here ? "dot here" : "dot";
      text(who!.firstElementChild!, called(k, id));
      text(who!.lastElementChild!, status(k, id, now));
      this.#offer(offer!, k, id);
      more!.hidden = forPerson(k, id, this.#act).length === 0;
      attr(more!, "aria-label", texts.more(nameOf(k, id)));
      more!.onclick = () => k.live && void person(() => this.#known!, id, this.#act);
      for (const b of [move!, more!]) attr(b, "aria-disabled", k.live ? null : "true");
    });
  }

  #offer(button: HTMLElement, k: Known, id: SeatID): void {
    const { turn } = k.room.stick;
    const seat = k.seats[id]!;
    const free = seat.here && !seat.out && !seat.listening && !k.keep?.muted?.[id] && k.room.stick.seat !== id && k.room.order.includes(id);
    button.hidden = !can(k, "offer") || !free;
    attr(button, "aria-label", texts.offerTo(nameOf(k, id)));
    attr(button, "aria-disabled", k.live ? null : "true");
    button.onclick = () => k.live && void endingTurn(k, texts.offerTo(short(nameOf(k, id))), () => this.#act("offer", { turn, seat: id }));
  }
}

function makePerson(): HTMLElement {
  return h("li", {}, grip(true), h("span", { class: "dot", "aria-hidden": "true" }), h("span", { class: "who" }, h("b", {}), " ", h("small", {})),
    h("button", { type: "button", class: "button" }, texts.offer), h("button", { type: "button", class: "button round", "aria-haspopup": "dialog" }, drawing("more")));
}

function called(k: Known, id: SeatID): string {
  return id === k.you.seat ? texts.you(k.seats[id]?.name ?? "") : nameOf(k, id);
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
  parts.push(...asideSays(k, id));
  if (seat.hand) parts.push(texts.handUp);
  if (seat.listening) parts.push(texts.today);
  for (const d of seat.duties ?? []) if (texts.duties[d]) parts.push(texts.duties[d]);
  if (chair === id) parts.push(texts.keeps);
  else if (seat.role === "deputy") parts.push(texts.deputy);
  else if (seat.role === "moderator") parts.push(texts.isModerator);
  else if (seat.role === "listener") parts.push(texts.isListening);
  return parts.join(" · ");
}
