// Talks aside and quiet rooms: who asks and is asked, and a panel with a line
// of its own. The circle stays where it is behind it.
import { $, attr, h, keyed, text } from "./dom.ts";
import type { Do } from "./acts.ts";
import type { Card } from "./cards.ts";
import { ask } from "./dialogs.ts";
import { keep, kept } from "./kept.ts";
import { Line, type LineEvents, type Said } from "./line.ts";
import { begin, can, foldAll, keeps, nameOf, short, type Known, type Word } from "./store.ts";
import * as texts from "./texts.ts";
import type { AsideView, FromServer, SeatID, Welcome } from "./wire.ts";

interface Option {
  label: string;
  value(): unknown;
}

const mostWords = 4000;

const t = texts.aside;
const others = (k: Known, a: AsideView) => texts.names(a.seats.filter((id) => id !== k.you.seat).map((id) => short(nameOf(k, id))));

/** What "…" of a person offers whoever looks after the circle. */
export function asideWith(k: Known, id: SeatID, act: Do): Option[] {
  if (!keeps(k) || id === k.you.seat) return [];
  const out: Option[] = [];
  const together = k.you.asides?.some((a) => a.seats.includes(id));
  const seat = k.seats[id];
  if (can(k, "aside") && seat?.here && !together) {
    out.push({ label: t.talk, value: () => act("aside", { kind: "talk", with: [id] }) });
    if (!seat.out) out.push({ label: t.quiet, value: () => quietWith(k, id, act) });
  }
  for (const a of k.keep?.asides ?? []) {
    if (a.seats.includes(id) && !a.seats.includes(k.you.seat)) out.push({ label: t.endTheirs[a.kind as "talk"], value: () => act("aside-end", { id: a.id }) });
  }
  return out;
}

async function quietWith(k: Known, id: SeatID, act: Do): Promise<void> {
  const more = Object.keys(k.seats).filter((o) => o !== id && o !== k.you.seat && k.seats[o]?.here && !k.seats[o]?.out);
  const option = (...ids: SeatID[]) => ({ label: texts.names([...ids.map((o) => short(nameOf(k, o))), t.me]), value: ids });
  const options = [option(id), ...more.map((o) => option(id, o))];
  const a = await ask({ title: t.quietAsk, say: t.quietSay, options });
  if (a) await act("aside", { kind: "quiet", with: a.value });
}

/** What "My place" offers: a word with whoever looks after the circle, and for who greets tonight with anybody. */
export function talkTo(k: Known, act: Do): Option[] {
  if (!can(k, "aside")) return [];
  const free = Object.keys(k.seats).filter((id) => id !== k.you.seat && k.seats[id]?.here && !k.you.asides?.some((a) => a.seats.includes(id)));
  const keeper = (id: SeatID) => id === k.room.chair || ["facilitator", "moderator"].includes(k.seats[id]!.role);
  const talk = (id: SeatID) => act("aside", { kind: "talk", with: [id] });
  const out: Option[] = free.filter(keeper).map((id) => ({ label: (k.seats[id]!.role === "moderator" ? t.toModerator : t.toKeeper)(short(nameOf(k, id))), value: () => talk(id) }));
  const new_ = free.filter((id) => !keeper(id));
  if (k.seats[k.you.seat]?.duties?.includes("greeter") && new_.length) {
    out.push({ label: t.greet, value: () => void ask({ title: t.greetAsk, options: new_.map((id) => ({ label: nameOf(k, id), value: id })) }).then((a) => a && talk(a.value)) });
  }
  return out;
}

/** With whom somebody is aside, as far as the board shows it. */
export function asideSays(k: Known, id: SeatID): string[] {
  const a = k.keep?.asides?.find((o) => o.seats.includes(id));
  return k.seats[id]?.out ? [t.isOut] : a?.kind === "talk" ? [t.isAside] : [];
}

export interface AsideAsk {
  act: Do;
  hello: LineEvents["hello"]; // name and pronouns, without a place to resume
  announce(say: string): void;
  again(): void; // draws anew
}

/** All asides of this page: what there are cards for, and the panel that is open. */
export class Asides {
  #ask: AsideAsk;
  #handle: string;
  #seen: Set<string> | undefined; // ids of those there were
  #panel: Panel | undefined;
  #known: Known | undefined;

  constructor(handle: string, ask: AsideAsk) {
    this.#handle = handle;
    this.#ask = ask;
  }

  get #key(): string {
    return `hearth-aside:${this.#handle}`;
  }

  /** Follows what the circle says of them. */
  update(k: Known): void {
    this.#known = k;
    const list = k.you.asides ?? [];
    const first = !this.#seen;
    for (const a of list) {
      const mine = a.by === k.you.seat;
      // One's own opens as one asked for it, and a page loaded again has what it had.
      if (!this.#panel && (first ? kept(this.#key) === a.id : mine && !this.#seen?.has(a.id))) this.#go(a, !first);
    }
    this.#seen = new Set(list.map((a) => a.id));
    const mine = this.#panel && list.find((a) => a.id === this.#panel!.id);
    if (this.#panel && !mine && k.live) this.#panel.over();
    this.#panel?.update(k, mine || undefined);
  }

  /** What is heard in the one that is open. */
  heard() {
    return this.#panel?.heard();
  }

  /** The one sentence about where one is. */
  says(k: Known): string {
    return k.seats[k.you.seat]?.out ? t.youAreOut : "";
  }

  /** Who asks, as cards. */
  cards(k: Known): Card[] {
    return (k.you.asides ?? []).filter((a) => a.id !== this.#panel?.id).map((a) => {
      const who = others(k, a);
      const mine = a.by === k.you.seat;
      const quiet = a.kind === "quiet";
      const ends = mine || a.seats.length === 2;
      const title = mine ? t.yours[quiet ? "quiet" : "talk"](who) : quiet ? t.asksQuiet(nameOf(k, a.by), a.seats.length > 2 ? who : "") : t.asks(nameOf(k, a.by));
      return {
        key: `aside-${a.id}`, title, say: [t.only_(who), quiet ? t.keptPlace : t.goesOn], close: !ends,
        acts: [
          { key: "go", label: t.go, lead: true, do: () => this.#go(a, true) },
          ...(ends ? [{ key: "no", label: mine ? t.end[quiet ? "quiet" : "talk"] : t.notNow, do: () => void this.#ask.act("aside-end", { id: a.id }) }] : []),
        ],
      };
    });
  }

  #go(a: AsideView, focus: boolean): void {
    if (this.#panel && !this.#panel.ended) return this.#panel.show();
    this.#panel?.close();
    const panel = new Panel(this.#handle, a, this.#ask, () => {
      panel.close();
      if (this.#panel === panel) this.#panel = undefined;
      keep(this.#key, undefined);
      this.#ask.again();
      $("now").focus({ preventScroll: true });
    });
    this.#panel = panel;
    $<HTMLDialogElement>("sheet").close(); // the talk would open behind the board
    keep(this.#key, a.id);
    if (this.#known) panel.update(this.#known, a);
    if (focus) panel.show();
    this.#ask.again();
  }

  /** Closes all of it, words included. */
  close(): void {
    keep(this.#key, undefined);
    this.#panel?.close();
    this.#panel = undefined;
    this.#seen = undefined;
  }
}

/** One aside that one has gone into. */
class Panel {
  readonly id: string;
  ended = false;
  #kind: "talk" | "quiet";
  #ask: AsideAsk;
  #line: Line;
  #there: Known | undefined; // the aside, as the room that it is
  #circle: Known | undefined;
  #view: AsideView;
  #met = false; // somebody else was there
  #folded = false;
  #read = 0; // id of the newest word that was seen
  #title = h("h2", { id: "aside-title", tabindex: "-1" });
  #fold = h("button", { type: "button", class: "button", click: () => this.#setFolded(!this.#folded) });
  #who = h("p", { class: "small" });
  #words = h("div", { role: "log", "aria-labelledby": "aside-title" });
  #scroll = h("div", { class: "aside-words", tabindex: "0" }, this.#words);
  #state = h("p", { class: "small aside-state", role: "status" });
  #draft = h("textarea", { id: "aside-draft", rows: "1", placeholder: t.write });
  #say = h("button", { type: "button", class: "button lead", click: () => void this.#speak() }, t.say);
  #form = h("form", { submit: (e) => {
    e.preventDefault();
    void this.#speak();
  } }, h("label", { class: "sr", for: "aside-draft" }, t.label), this.#draft);
  #back = h("button", { type: "button", class: "button" });
  #end = h("button", { type: "button", class: "button" });
  #body = h("div", { class: "aside-body" }, this.#who, this.#scroll, this.#state, this.#form, h("div", { class: "acts" }, this.#say, this.#back, this.#end));
  #el = h("section", { class: "aside", id: "aside", "aria-labelledby": "aside-title" }, h("div", { class: "aside-top" }, this.#title, this.#fold), this.#body);

  constructor(handle: string, a: AsideView, ask: AsideAsk, gone: () => void) {
    this.id = a.id;
    this.#kind = a.kind as "talk" | "quiet";
    this.#view = a;
    this.#ask = ask;
    this.#back.onclick = async () => {
      // A quiet room is left, so that the circle knows at once that one is back.
      if (!this.ended) await Promise.race([this.#line.do("leave", {}), new Promise((r) => setTimeout(r, 2000))]);
      gone();
    };
    this.#end.onclick = () => void ask.act("aside-end", { id: a.id });
    this.#draft.onkeydown = (e) => {
      if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) void this.#speak();
    };
    this.#line = new Line(handle, {
      hello: () => ({ ...ask.hello(), ...(this.#there && { resume: { epoch: this.#there.epoch, seq: this.#there.seq, tag: this.#there.tag } }) }),
      welcome: (w) => this.#welcome(w),
      frame: (f) => this.#frame(f),
      down: () => this.#draw(),
      turnedAway: () => this.over(),
      vanished: (said) => this.#putBack(said),
      end: (why) => (why === "left" ? undefined : this.over()),
    }, `aside/${encodeURIComponent(a.id)}`);
    $("stage").append(this.#el);
    void this.#line.open();
  }

  /** Opens it and puts the cursor where one writes. */
  show(): void {
    this.#setFolded(false);
    (this.#there?.live ? this.#draft : this.#title).focus({ preventScroll: true });
  }

  heard() {
    return this.#there && { room: this.id, receipt: this.#line.receipt, words: this.#there.words };
  }

  update(k: Known, a: AsideView | undefined): void {
    this.#circle = k;
    if (a) {
      this.#view = a;
      this.#met ||= !!a.in?.some((id) => id !== k.you.seat);
    }
    this.#draw();
  }

  /** It has ended. What was said stays for oneself until one closes it. */
  over(): void {
    if (this.ended) return;
    this.ended = true;
    this.#line.close();
    this.#ask.announce(this.#ending());
    this.#draw();
  }

  close(): void {
    this.#line.close();
    this.#words.replaceChildren();
    this.#el.remove();
  }

  #ending(): string {
    return this.#met || this.#view.by !== this.#circle?.you.seat ? t.ended[this.#kind] : t.notToday;
  }

  #welcome(w: Welcome): void {
    const first = !this.#there;
    this.#there = begin(w, this.#there);
    const waits = first && document.activeElement === this.#title;
    this.#draw();
    if (waits) this.#draft.focus({ preventScroll: true });
  }

  #frame(f: FromServer): void {
    const k = this.#there;
    if (!k) return;
    if (f.t === "state") this.#there = begin(f, k);
    else if (f.t === "entries") foldAll(k, f);
    else if (f.t === "refused") return text(this.#state, f.refused.code === "unavailable" ? texts.goesOut : f.refused.say);
    if (this.#there!.room.phase === "over") return this.over();
    this.#draw();
  }

  #putBack(said: Said[]): void {
    if (said.length) this.#draft.value = [...said.map((s) => s.text), this.#draft.value].filter(Boolean).join("\n");
  }

  async #speak(): Promise<void> {
    const words = this.#draft.value.trim();
    if (!words || !this.#line.live || this.#draft.readOnly) return;
    if ([...words].length > mostWords) return text(this.#state, texts.left(mostWords - [...words].length));
    this.#draft.readOnly = true;
    const { length } = this.#draft.value;
    const o = await this.#line.do("say", { turn: 0, text: words });
    this.#draft.readOnly = false;
    if (!o.refused && !o.lost) this.#draft.value = this.#draft.value.slice(0, -length).trim();
    this.#draw();
    if (o.refused || o.lost) text(this.#state, o.refused?.say ?? texts.wentWrong);
  }

  #setFolded(on: boolean): void {
    this.#folded = on;
    this.#draw();
  }

  #draw(): void {
    const k = this.#circle;
    if (!k) return;
    const who = others(k, this.#view);
    const there = this.#there;
    text(this.#title, t.title[this.#kind](who));
    this.#el.classList.toggle("folded", this.#folded);
    this.#body.hidden = this.#folded;
    attr(this.#fold, "aria-expanded", String(!this.#folded));
    this.#list(there?.words.filter((w) => w.seat) ?? []);
    const fresh = there ? there.words.filter((w) => w.seat && w.id > this.#read).length : 0;
    if (!this.#folded && there) this.#read = there.heard;
    text(this.#fold, this.#folded ? t.unfold(fresh) : t.fold);
    text(this.#who, this.ended ? t.onlyYou : [t.only_(who), this.#kind === "quiet" && t.keeps].filter(Boolean).join(" "));
    const missing = this.#view.seats.filter((id) => id !== k.you.seat && !this.#view.in?.includes(id)).map((id) => short(nameOf(k, id)));
    const live = !!there?.live && this.#line.live;
    text(this.#state, this.ended ? this.#ending() : !live ? (there ? texts.lineDown : texts.now.connecting) : missing.length ? t.waiting(texts.names(missing)) : "");
    this.#form.hidden = this.#say.hidden = this.ended;
    attr(this.#say, "aria-disabled", live ? null : "true");
    this.#back.hidden = this.#kind === "talk" && !this.ended;
    text(this.#back, this.ended ? t.close : t.back);
    this.#end.hidden = this.ended || (this.#kind === "quiet" && this.#view.by !== k.you.seat && !keeps(k));
    text(this.#end, t.end[this.#kind]);
  }

  #list(words: Word[]): void {
    const there = this.#there;
    const box = this.#scroll;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
    keyed(this.#words, words, (w) => String(w.id), () => h("div", { class: "word" }, h("h3"), h("p", { dir: "auto" })), (el, w) => {
      const [name, said] = [...el.children] as HTMLElement[];
      const mine = w.seat === there?.you.seat;
      el.classList.toggle("own", mine);
      const before = words[words.indexOf(w) - 1];
      text(name!, mine ? texts.you(w.name) : w.name);
      name!.hidden = before?.seat === w.seat;
      said!.classList.toggle("gone", !!w.gone);
      text(said!, w.gone ? texts.retracted : (w.text ?? ""));
      const back = el.querySelector("button");
      if (!mine || w.gone || this.ended) return back?.remove();
      if (back) return;
      el.append(h("button", { type: "button", class: "quiet", "aria-label": texts.retractLong((w.text ?? "").slice(0, 40)), click: () => void this.#line.do("retract", { seq: w.seq }) }, texts.retract));
    });
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
}
