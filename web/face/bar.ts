// The bar under the thumb: what is now, in one sentence, and what I can do.
import { $, attr, drawing, h, keyed, text } from "./dom.ts";
import { byHand } from "./stage.ts";
import { can, keeps, nameOf, turnMinutes, type Known } from "./store.ts";
import * as texts from "./texts.ts";
import type { Reaction, Wish } from "./wire.ts";

/** One thing that can be done now. */
export interface Act {
  key: string;
  label: string;
  lead?: boolean; // the one that stands out
  do(): void;
}

const kinds: Reaction[] = ["snap", "heart", "nod", "with-you", "celebrate"];
const mostWords = 4000;
const tellLeft = 300;
const typingEvery = 2000;

const none = -1; // no turn: 0 is one, before the stick has gone round

/** A content note, for the rest of one turn. */
export interface About {
  turn: number;
  text: string;
}

export interface BarAsk {
  say(text: string, note: string): Promise<boolean>; // whether it was said
  about(about: About): void; // to keep
  wish(wish: Wish): void;
  hand(on: boolean): void;
  picture(): void;
  react(kind: Reaction): void;
  typing(): void;
  draft(text: string): void;
}

export class Bar {
  #ask: BarAsk;
  #typed = 0;
  #usable = false;
  #about: About = { turn: none, text: "" };
  #opened = none; // turn in which somebody wants to write a note

  constructor(ask: BarAsk) {
    this.#ask = ask;
    const draft = $<HTMLTextAreaElement>("draft");
    draft.oninput = () => {
      this.#count();
      ask.draft(draft.value);
      if (Date.now() - this.#typed < typingEvery || !draft.value) return;
      this.#typed = Date.now();
      ask.typing();
    };
    draft.onkeydown = (e) => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void this.say();
    };
    $("composer").onsubmit = (e) => {
      e.preventDefault();
      void this.say();
    };
    $<HTMLInputElement>("about").oninput = () => this.#noted(this.#opened, $<HTMLInputElement>("about").value);
    $("about").onkeydown = (e) => {
      if (e.key !== "Enter" || e.isComposing) return;
      e.preventDefault(); // it leads to the words, and says nothing yet
      draft.focus();
    };
    const wish = $<HTMLSelectElement>("wish");
    wish.onchange = () => this.#usable && wish.value && ask.wish(wish.value as Wish);
    $("show-picture").onclick = () => this.#usable && ask.picture();
    const row = $("reactions");
    for (const kind of kinds) {
      row.append(h("button", { type: "button", class: "button sign-of", "data-kind": kind, click: () => this.#usable && ask.react(kind) }, drawing(kind), h("span", {}, texts.react[kind])));
    }
  }

  /** Puts a draft back, and the note before it. */
  restore(draft: string, about = this.#about): void {
    $<HTMLTextAreaElement>("draft").value = draft;
    this.#about = about;
    this.#opened = about.text ? about.turn : this.#opened;
    $<HTMLInputElement>("about").value = about.text;
    this.#count();
  }

  #noted(turn: number, words: string): void {
    this.#about = { turn, text: words };
    this.#ask.about(this.#about);
  }

  /** Puts words back before what is being written. */
  putBack(said: string[]): void {
    if (!said.length) return;
    const draft = $<HTMLTextAreaElement>("draft");
    this.restore([...said, draft.value].filter(Boolean).join("\n"));
    this.#ask.draft(draft.value);
  }

  /** Whether something is written that isn't said. */
  written(): boolean {
    return !!$<HTMLTextAreaElement>("draft").value.trim();
  }

  /** Says what is written; tells whether it was said. */
  async say(): Promise<boolean> {
    const draft = $<HTMLTextAreaElement>("draft");
    const words = draft.value.trim();
    if (!this.#usable || !words || [...words].length > mostWords) return false;
    const { length } = draft.value;
    draft.readOnly = true;
    const said = await this.#ask.say(words, this.#about.text.trim());
    draft.readOnly = false;
    if (said) {
      this.restore(draft.value.slice(0, -length).trim()); // what was put back meanwhile stays
      this.#ask.draft(draft.value);
    }
    return said;
  }

  #count(): void {
    const draft = $<HTMLTextAreaElement>("draft");
    const left = mostWords - [...draft.value].length;
    text($("left"), left < tellLeft ? texts.left(left) : "");
    $("left").classList.toggle("problem", left < 0);
  }

  update(k: Known, now: number, acts: Act[], keeping: Act[], wide: boolean): void {
    const bar = $("bar");
    const inside = bar.contains(document.activeElement);
    this.#usable = k.live;
    const composer = $("composer");
    const speaks = can(k, "say");
    sentence(k, now, !speaks && this.written() ? texts.keptDraft : "");
    const opens = composer.hidden && speaks;
    composer.hidden = !speaks;
    attr($("draft"), "placeholder", k.room.floor === "open" ? texts.writeOpen : k.room.floor === "lead" ? texts.writeLead : texts.writeMine);
    document.body.classList.toggle("speaks", speaks);
    this.#extras(k, speaks);
    this.#hand(k);
    const say: Act = { key: "say", label: texts.say, lead: true, do: () => void this.say() };
    rows($("acts"), [...(speaks ? [say] : []), ...acts, ...(wide ? [] : keeping)], k.live);
    rows($("keeping"), wide ? keeping : [], k.live);
    $("reactions").hidden = speaks || k.room.stick.seat === k.you.seat || !can(k, "react");
    for (const b of $("reactions").children) attr(b, "aria-disabled", k.live ? null : "true");
    const mine = speaks && k.room.stick.seat === k.you.seat; // an open floor puts nobody into the writing
    if (inside && ((opens && mine) || !document.activeElement || document.activeElement === document.body)) $(mine ? "draft" : "now").focus();
  }

  /** What belongs to one's own words: a wish, a note, a picture. */
  #extras(k: Known, speaks: boolean): void {
    const { stick, stage } = k.room;
    const mine = stick.seat === k.you.seat && stick.at !== "resting";
    const wish = $<HTMLSelectElement>("wish");
    wish.hidden = !mine || !can(k, "wish");
    wish.options[0]!.disabled = !!stick.wish; // said once, it can be said otherwise
    if (wish.value !== (stick.wish ?? "") && document.activeElement !== wish) wish.value = stick.wish ?? "";
    if (this.#about.text && this.#about.turn !== stick.turn) {
      this.#noted(stick.turn, ""); // it was for that turn
      $<HTMLInputElement>("about").value = "";
    }
    const noting = speaks && this.#opened === stick.turn;
    const add = $("add-note");
    add.hidden = !speaks;
    text(add, noting ? texts.noNote : texts.addNote);
    attr(add, "aria-expanded", String(noting));
    add.onclick = () => this.#noting(noting ? none : stick.turn, k);
    $("about-row").hidden = !noting;
    const shown = k.you.shown || k.words.some((w) => w.picture && w.seat === k.you.seat && w.turn === stick.turn);
    if (shown) $<HTMLDialogElement>("picture").close(); // it got there, also when that was stopped too late
    $("show-picture").hidden = !(mine && stick.at === "held" && stage?.images && !shown);
    $("extras").hidden = [...$("extras").children].every((el) => (el as HTMLElement).hidden || el.tagName === "LABEL");
    for (const el of [wish, add, $("show-picture")]) attr(el, "aria-disabled", k.live ? null : "true");
  }

  #noting(turn: number, k: Known): void {
    this.#opened = turn;
    if (turn === none) {
      this.#noted(none, "");
      $<HTMLInputElement>("about").value = "";
    }
    this.#extras(k, true);
    if (turn !== none) $("about").focus();
  }

  /** One tap, wherever one is: a raised hand. Where the stick comes to hands it is one of the acts. */
  #hand(k: Known): void {
    const hand = $("hand");
    const up = !!k.seats[k.you.seat]?.hand;
    const { phase, floor, stick } = k.room;
    hand.hidden = !can(k, "hand") || phase !== "circle" || floor === "quiet" || byHand(k) || (keeps(k) && !up) || (stick.seat === k.you.seat && !up);
    hand.classList.toggle("up-now", up);
    text(hand.lastElementChild!, up ? texts.lower : texts.raise);
    attr(hand, "title", up ? texts.lower : texts.raise);
    attr(hand, "aria-disabled", k.live ? null : "true");
    hand.onclick = () => this.#usable && this.#ask.hand(!up);
  }
}

function rows(row: HTMLElement, acts: Act[], usable: boolean): void {
  row.hidden = acts.length === 0;
  keyed(row, acts, (a) => a.key, () => h("button", { type: "button" }), (el, a) => {
    el.className = `button${a.lead ? " lead" : ""}`;
    text(el, a.label);
    attr(el, "aria-disabled", usable ? null : "true");
    attr(el, "aria-haspopup", a.label.endsWith("…") ? "dialog" : null);
    el.onclick = () => usable && a.do();
  });
}

function sentence(k: Known, now: number, also: string): void {
  const [strong, means] = saysNow(k, now);
  const rest = [means, also].filter(Boolean).join(" ");
  const el = $("now");
  if (el.textContent === `${strong} ${rest}`.trim()) return;
  el.replaceChildren(h("strong", {}, strong), ...(rest ? [" ", h("span", {}, rest)] : []));
}

/** What is now: the fact, and what it means for me. */
export function saysNow(k: Known, now: number): [string, string] {
  const { room, you } = k;
  const { stick } = room;
  const t = texts.now;
  const mine = stick.seat === you.seat;
  const pair = (p: string[], more = ""): [string, string] => [p[0]!, [p[1], more].filter(Boolean).join(" ")];
  if (room.hold) return pair(t.held(room.hold.why));
  if (you.muted && you.muted > now) return pair(t.muted(texts.clock(you.muted), you.why ?? "space"));
  if (room.phase === "gathering") return can(k, "next") ? pair(t.begin, k.keep?.agenda && !$("open-board").hidden ? t.board : "") : pair(t.arriving(room.chair ? nameOf(k, room.chair) : ""), roleSays(k));
  if (room.floor === "open") return pair(can(k, "say") ? t.open : [t.open[0]!], roleSays(k));
  if (room.floor === "quiet") return pair(room.stage?.bell ? texts.stage.bell : texts.stage.quiet);
  if (room.floor === "lead") return leads(k);
  if (mine && stick.at === "offered") return pair(t.offer(stick.from ? nameOf(k, stick.from) : ""), aboutTurn(k));
  if (mine && stick.at === "held") return pair([t.mine[0]!, you.time ? (you.until ? texts.stage.yoursEnds(texts.clock(you.until)) : t.mineTime[1]!) : t.mine[1]!], aboutTurn(k));
  if (stick.at === "held" && stick.seat && !k.seats[stick.seat]?.here) return pair(t.away(nameOf(k, stick.seat)), roleSays(k));
  if (stick.at === "held") return pair(t.speaking(nameOf(k, stick.seat), turnMinutes(k, now)), roleSays(k));
  if (stick.at === "offered") return pair(t.offeredTo(nameOf(k, stick.seat)), you.before >= 0 && room.round.going ? roleSays(k) : "");
  return byHand(k) ? pair(texts.stage.hands, roleSays(k)) : pair(t.resting, roleSays(k));
}

/** Who leads where nobody has the stick. */
function leads(k: Known): [string, string] {
  const t = texts.stage;
  const { chair } = k.room;
  if (chair === k.you.seat) return [t.youLead[0]!, t.youLead[1]!];
  const reads = k.seats[k.you.seat]?.duties?.includes("reader") && can(k, "say");
  return [chair ? t.leads(nameOf(k, chair))[0]! : t.someLeads[0]!, reads ? t.youRead : roleSays(k)];
}

/** What is special about one's own turn. */
function aboutTurn(k: Known): string {
  const { room, you } = k;
  const t = texts.stage;
  if (room.support) return room.support === you.seat ? t.lastWord : t.kindWord(nameOf(k, room.support));
  return room.stage?.closing && room.merged?.includes(you.seat) ? t.sayBoth : "";
}

function roleSays(k: Known): string {
  const t = texts.now;
  const me = k.seats[k.you.seat];
  if (k.you.role === "moderator") return t.youModerate;
  if (k.room.chair === k.you.seat) return k.you.before === 0 && k.room.round.going ? t.before(0) : t.youKeep;
  if (byHand(k) && me?.hand && k.you.before >= 0) return k.you.before === 0 ? texts.stage.handNext : texts.stage.handAt(k.you.before);
  if (me?.listening) return t.youListenToday;
  if (k.you.role === "listener") return t.youListen;
  if (k.room.phase === "circle" && k.room.floor === "ring" && k.room.round.going && k.you.before >= 0) return t.before(k.you.before);
  return keeps(k) || k.room.stick.at === "resting" ? "" : t.youListen;
}
