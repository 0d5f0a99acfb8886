// A circle's page: the door, the room behind it, and what comes afterwards.
import { $, attr, h, text } from "./dom.ts";
import { keeping, mine, type Do } from "./acts.ts";
import { forYourself } from "./after.ts";
import { clockLine } from "./agenda.ts";
import { Asides, talkTo } from "./aside.ts";
import { Bar, type About } from "./bar.ts";
import type { Board } from "./board.ts";
import type { LetIn } from "./letin.ts";
import { Cards, catchUp, lastTime, rulesCard, supportCard, type Card } from "./cards.ts";
import { forgetHere, keptHere } from "./device.ts";
import { ask, closeAll } from "./dialogs.ts";
import { forgetCode } from "./enter.ts";
import { kept, keep } from "./kept.ts";
import { watchLayout, type Layout } from "./layout.ts";
import { Line, type End, type Said } from "./line.ts";
import type { PictureDialog } from "./picture.ts";
import { onLeave } from "./quick.ts";
import type { Reports } from "./report.ts";
import { rememberAt } from "./remember.ts";
import { Ring } from "./ring.ts";
import { coming, Merged, supportSays } from "./stage.ts";
import { begin, can, foldAll, foldSignals, keeps, lose, nameOf, type Known } from "./store.ts";
import * as texts from "./texts.ts";
import type * as Why from "./told.ts";
import type { Acts, DoorView, Fresh, FromServer, Refusal, RoomView, Welcome } from "./wire.ts";
import * as door from "./waiting.ts";
import { Words } from "./words.ts";

interface Mine {
  name: string;
  pronouns: string;
  listen: boolean;
  first?: boolean; // their first time, they say
  draft: string;
  about?: About;
}

const bannerAfter = 1000; // ms: a blink of the line is not worth a word
const nameCodes = ["name-needed", "name-taken", "name-long", "name-mixed", "pronouns-long"];

export class HearthCircle extends HTMLElement {
  #line: Line | undefined;
  #known: Known | undefined;
  #mine: Mine = { name: "", pronouns: "", listen: false, draft: "" };
  #offset = 0; // the house's clock less this one's
  #down = 0; // timer of the banner
  #told = ""; // a notice that stays until the next act
  #ring = new Ring();
  #words!: Words;
  #bar!: Bar;
  #board: Board | undefined; // comes when somebody keeps the circle
  #letIn: LetIn | undefined; // with the board, also for whoever greets
  #boardComes = false;
  #waits = false; // at the door
  #before: Known | undefined; // of whoever was in the room, and is at the door again
  #layout!: Layout;
  #cards!: Cards;
  #picture: PictureDialog | undefined; // comes when somebody shows one
  #reports: Reports | undefined; // comes once somebody sits, or asks for it
  #why: typeof Why | undefined; // comes when a moderator decides something about this person
  #asides!: Asides;
  #merged = new Merged();
  #knocked = false; // came by the door just now, not by loading the page again
  #late = false; // others were speaking already
  #rules = 0; // when the reminder came that is on the page; 0: none
  #drawn: RoomView | undefined;

  connectedCallback(): void {
    const handle = this.dataset.handle ?? "";
    this.#words = new Words({ retract: (seq) => void this.#do("retract", { seq }), picture: (name) => `/c/${encodeURIComponent(handle)}/picture/${encodeURIComponent(name)}` });
    this.#cards = new Cards(() => this.#draw());
    const called = () => ({ name: this.#mine.name, ...(this.#mine.pronouns && { pronouns: this.#mine.pronouns }) });
    this.#asides = new Asides(handle, { act: this.#do, hello: called, announce: (say) => this.#announce(say), again: () => this.#draw() });
    this.#bar = new Bar({
      say: (words, note) => this.#do("say", { turn: this.#known!.room.stick.turn, text: words, ...(note && { note }) }),
      about: (about) => this.#keep({ about }),
      wish: (wish) => void this.#do("wish", { turn: this.#known!.room.stick.turn, wish }),
      hand: (on) => void this.#do("hand", { on }),
      picture: () => void this.#showPicture(),
      react: (kind) => this.#line?.signal("react", { kind }),
      typing: () => this.#line?.signal("typing", {}),
      draft: (draft) => this.#keep({ draft }),
    });
    this.#layout = watchLayout(() => this.#draw());
    setInterval(() => this.#draw(), 10_000);
    onLeave(() => {
      this.#line?.close();
      this.#asides.close();
    });
    text($("open-board"), texts.board);
    $("open-board").onclick = () => $<HTMLDialogElement>("sheet").showModal();
    $("my-place").onclick = () => void this.#place();
    for (const b of document.querySelectorAll<HTMLElement>("[data-report]")) b.onclick = () => void this.#report(b.dataset.report);
    $("waiting-leave").onclick = () => void this.#leaveDoor();
    forgetCode();
    this.#door();
  }

  get #key(): string {
    return `hearth:${this.dataset.handle}`;
  }

  #keep(change: Partial<Mine>): void {
    Object.assign(this.#mine, change);
    keep(this.#key, JSON.stringify(this.#mine));
  }

  // The door.

  #door(): void {
    const form = $<HTMLFormElement>("door");
    const before = kept(this.#key);
    if (before) this.#mine = { ...this.#mine, ...(JSON.parse(before) as Mine) };
    if (this.#mine.name) $<HTMLInputElement>("name").value = this.#mine.name; // else that of whoever is signed in
    $<HTMLInputElement>("pronouns").value = this.#mine.pronouns;
    rememberAt(form, this.dataset.circle ?? "");
    const button = $<HTMLButtonElement>("let-me-in");
    button.disabled = false;
    button.dataset.label = button.textContent ?? "";
    form.onsubmit = (e) => {
      e.preventDefault();
      if (this.#line) return;
      const data = new FormData(form);
      const name = String(data.get("name") ?? "").trim();
      if (!name) return this.#atDoor({ code: "name-needed", say: texts.nameNeeded });
      this.#keep({ name, pronouns: String(data.get("pronouns") ?? "").trim(), listen: data.get("listen") === "1", first: data.get("first") === "1" });
      this.#knocked = true;
      this.#knock();
    };
    if (this.#mine.name) this.#knock();
  }

  #knock(): void {
    for (const id of ["door-problem", "name-problem"]) $(id).hidden = true;
    $("name").removeAttribute("aria-invalid");
    text($("let-me-in"), texts.now.connecting);
    attr($("let-me-in"), "aria-disabled", "true");
    this.#line = new Line(this.dataset.handle ?? "", {
      hello: () => this.#hello(),
      welcome: (w) => this.#welcome(w),
      frame: (f) => this.#frame(f),
      down: (moving) => this.#lineDown(moving),
      turnedAway: (r) => this.#atDoor(r),
      vanished: (said) => this.#vanished(said),
      end: (why, say) => this.#after(why, say),
    });
    void this.#line.open();
  }

  #hello() {
    const { name, pronouns, listen, first } = this.#mine;
    const k = this.#known;
    return {
      name, ...(pronouns && { pronouns }), ...(listen && { listen }), ...(first && { first }),
      ...(k && { resume: { epoch: k.epoch, seq: k.seq, tag: k.tag } }),
    };
  }

  /** Says at the door why it didn't open, beside the field it is about. */
  #atDoor(r: Refusal): void {
    this.#line?.close();
    this.#line = undefined;
    this.#known = undefined;
    this.#show("door");
    const button = $("let-me-in");
    text(button, button.dataset.label ?? "");
    attr(button, "aria-disabled", null);
    const about = nameCodes.includes(r.code) ? "name" : "door";
    const problem = $(`${about}-problem`);
    text(problem, r.say);
    problem.hidden = false;
    if (about === "door") return problem.scrollIntoView({ block: "nearest" });
    attr($("name"), "aria-invalid", "true");
    $(r.code === "pronouns-long" ? "pronouns" : "name").focus();
  }

  // The line.

  #welcome(w: Welcome): void {
    this.#offset = w.now - Date.now();
    clearTimeout(this.#down);
    this.#down = 0;
    if (w.door) return this.#atWait(w.door);
    this.#comes(w);
  }

  /** Comes into the room, or back to it. */
  #comes(w: Welcome | Fresh): void {
    const first = !this.#known;
    const k = (this.#known = begin(w, this.#known ?? this.#before));
    if (!k) return;
    if (w.rewound) this.#told = texts.rewound;
    if (!$("banner").hidden) this.#announce(texts.says.back);
    $("banner").hidden = true;
    if (first) {
      this.#words.came(k.room.phase !== "gathering");
      this.#late = this.#knocked && k.room.phase !== "gathering" && k.you.role !== "moderator";
      this.#bar.restore(this.#mine.draft, this.#mine.about);
      this.#show("room");
      setTimeout(() => void this.#report(), 3000);
    }
    if (this.#waits) this.#announce(door.isIn);
    this.#waits = false;
    this.#draw();
    if (first) $("now").focus({ preventScroll: true });
  }

  /** Waits to be let in, or for a place. */
  #atWait(d: DoorView): void {
    if (!this.#waits) {
      this.#waits = true;
      this.#before = this.#known;
      this.#known = undefined;
      this.#drawn = undefined;
      closeAll();
      this.#asides.close();
      this.#show("waiting");
      $("waiting-title").focus({ preventScroll: true });
    }
    door.doorLine("");
    if (d.name && d.name !== this.#mine.name) this.#keep({ name: d.name });
    this.#announce(door.showDoor(d));
  }

  async #leaveDoor(): Promise<void> {
    await Promise.race([this.#line?.do("leave", {}), new Promise((r) => setTimeout(r, 3000))]);
    this.#end("left");
  }

  #frame(f: FromServer): void {
    const k = this.#known;
    if (!k) {
      const d = f.t === "state" ? f.door : f.t === "entries" ? f.list.findLast((e) => e.door)?.door : undefined;
      if (d) this.#atWait(d);
      else if (f.t === "state") this.#comes(f);
      return;
    }
    if (f.t === "state") {
      if (f.door) return this.#atWait(f.door);
      this.#known = begin(f, k);
      if (f.rewound) this.#told = texts.rewound;
    } else if (f.t === "entries") foldAll(k, f);
    else if (f.t === "signals") this.#signals(f.list);
    else if (f.t === "refused") this.#refused(f.refused.code === "unavailable" ? texts.goesOut : f.refused.say);
    else return;
    if (this.#known!.you.removed) return this.#end("removed");
    if (this.#known!.room.phase === "over") return this.#end("over");
    this.#draw();
  }

  /** Tells what of ours is gone, and keeps the words. */
  #vanished(said: Said[]): void {
    const k = this.#known;
    if (!k) return;
    for (const s of said.toReversed()) lose(k, s.seq, s.text);
    this.#bar.putBack(said.map((s) => s.text));
    this.#told = said.length ? `${texts.rewound} ${texts.putBack}` : texts.rewound;
    this.#draw();
  }

  #signals(list: Extract<FromServer, { t: "signals" }>["list"]): void {
    const k = this.#known!;
    const heard = foldSignals(k, list);
    for (const s of list) {
      if (s.kind) this.#ring.sign(s.seat, s.kind);
      else this.#words.typing(s.seat);
    }
    this.#announce(heard.map((s) => texts.reacted[s.kind!](nameOf(k, s.seat))).join(", "), "murmur");
  }

  #lineDown(moving: boolean): void {
    if (this.#known) this.#known.live = false;
    this.#draw();
    if (this.#down) return;
    this.#down = setTimeout(() => {
      if (this.#waits) return door.doorLine(door.lineDown);
      text($("banner"), moving ? texts.moving : texts.lineDown);
      $("banner").hidden = false;
    }, bannerAfter);
  }

  // Doing.

  #do: Do = async (act, what) => {
    text($("refused"), "");
    $("refused").hidden = true;
    this.#told = "";
    if (!this.#line || this.#line.waits(act)) return false;
    const o = await this.#line.do(act, what);
    $("refused").hidden = true;
    if (o.refused) this.#refused(o.refused.say);
    else if (!o.lost && act === "listen") this.#keep({ listen: (what as Acts["listen"]).on });
    if (o.lost) this.#refused(texts.wentWrong);
    return !o.refused && !o.lost;
  };

  #refused(say: string): void {
    text($("refused"), say);
    $("refused").hidden = false;
  }

  async #place(): Promise<void> {
    const k = this.#known!;
    const t = texts.place;
    const options: { label: string; value: () => unknown }[] = [];
    const listens = k.seats[k.you.seat]?.listening || k.you.role === "listener";
    if (can(k, "listen")) options.push({ label: listens ? texts.takePart : texts.today_, value: () => this.#do("listen", { on: !listens }) });
    const support = k.you.support;
    if (can(k, "consent") && k.seats[k.you.seat] && !listens && support !== "offered") {
      if (!support && !k.room.support) options.push({ label: texts.support.want, value: () => this.#do("consent", { yes: true }) });
      else if (support) options.push({ label: support === "going" ? texts.support.enough : texts.support.unwant, value: () => this.#do("consent", { yes: false }) });
    }
    if (can(k, "name")) options.push({ label: t.rename, value: () => this.#rename() });
    options.push(...talkTo(k, this.#do));
    options.push({ label: t.leave, value: () => this.#leave() });
    const a = await ask({ title: t.title, options, no: t.back });
    await a?.value();
  }

  /** Loads what only whoever keeps the circle needs; what didn't come is tried again with the next change. */
  async #bringBoard(): Promise<void> {
    if (this.#boardComes) return;
    this.#boardComes = true;
    try {
      const { Board, LetIn } = await import("./keeping.ts");
      const href = this.dataset.keeper!;
      if (!document.querySelector(`link[rel="stylesheet"][href="${href}"]`)) document.head.append(h("link", { rel: "stylesheet", href }));
      this.#board = new Board(this.#do);
      this.#letIn = new LetIn(this.#do);
      this.#draw();
    } catch {
      this.#boardComes = false;
    }
  }

  /** Loads what reporting needs, once the line has nothing else to do, and opens it for whoever asks. */
  async #report(door?: string): Promise<void> {
    const told = $("report-says");
    const says = (say: string) => {
      text(told, say);
      told.hidden = !say;
    };
    if (door !== undefined && !this.#reports) says(told.dataset.wait!);
    try {
      const { Reports } = await import("./report.ts");
      this.#reports ??= new Reports({ handle: this.dataset.handle!, receipt: () => this.#line?.receipt ?? "", again: () => this.#draw() });
      this.#draw();
      says("");
      if (door !== undefined) this.#reports.open(door);
    } catch {
      if (door === undefined) return;
      says(texts.wentWrong);
      const help = $<HTMLDialogElement>("help");
      if (!help.open) help.showModal(); // there is somebody to call beside it
    }
  }

  async #showPicture(): Promise<void> {
    const turn = this.#known?.room.stick.turn ?? 0;
    try {
      this.#picture ??= new (await import("./picture.ts")).PictureDialog(this.dataset.handle!);
    } catch {
      return this.#refused(texts.wentWrong);
    }
    this.#picture.show(turn, () => this.#known?.room.stick.turn !== turn);
  }

  /** Loads what tells of a decision; what didn't come is tried again with the next change. */
  async #tellWhy(): Promise<void> {
    try {
      this.#why = await import("./told.ts");
      this.#draw();
    } catch {}
  }

  async #rename(): Promise<void> {
    const t = texts.rename;
    const { name, pronouns } = this.#mine;
    const a = await ask({
      title: t.title, options: [{ label: t.ok, value: true, lead: true }],
      fields: [{ name: "name", label: t.name, value: name, required: true }, { name: "pronouns", label: t.pronouns, value: pronouns }],
    });
    if (!a) return;
    const as = { name: a.fields.name!, pronouns: a.fields.pronouns! };
    if (await this.#do("name", { name: as.name, ...(as.pronouns && { pronouns: as.pronouns }) })) this.#keep(as);
  }

  async #leave(): Promise<void> {
    const t = texts.leave;
    const a = await ask({ title: t.title, say: t.say, no: t.stay, options: [{ label: t.fine, value: true, lead: true }, { label: t.plain, value: false }] });
    if (!a) return;
    if (this.#known?.live && can(this.#known, "leave")) {
      // Whoever wants to go goes, also when the house doesn't answer.
      await Promise.race([this.#do("leave", a.value ? { fine: true } : {}), new Promise((r) => setTimeout(r, 3000))]);
    }
    this.#end("left");
  }

  // Showing.

  #show(part: string): void {
    for (const el of this.querySelectorAll<HTMLElement>(":scope > [data-part]")) el.hidden = el.dataset.part !== part;
    document.body.classList.toggle("live", part === "room");
    scrollTo(0, 0);
    const skip = document.querySelector(".skip")!;
    attr(skip, "href", part === "room" ? "#now" : `#${part === "door" ? "main" : `${part}-title`}`);
    if (part === "room") text(skip, texts.skipToNow);
    if (part === "room") return;
    text($("title"), "Hearth");
    text($("sub"), "");
  }

  #draw(): void {
    const k = this.#known;
    if (!k) return;
    const now = Date.now() + this.#offset;
    const { wide, ring } = this.#layout;
    const own = mine(k, this.#do, this.#bar);
    const row = keeping(k, this.#do, can(k, "say") || own.some((a) => a.lead), wide, now);
    text($("title"), k.room.title);
    text($("sub"), texts.inCircle(k.room.order.filter((id) => k.seats[id]).length));
    const called = k.seats[k.you.seat]?.name;
    if (called && called !== this.#mine.name) this.#keep({ name: called }); // as the house writes it, or changed in another tab
    this.#asides.update(k);
    this.#reports?.heard(k, this.#asides.heard());
    this.#ring.update(k, ring);
    this.#words.update(k);
    this.#bar.update(k, now, own, row.bar, wide);
    if ((keeps(k) || k.you.waiting) && !this.#board) void this.#bringBoard();
    this.#board?.update(k, now, row.board, wide);
    clockLine(k, now);
    if (k.you.stated && !this.#why) void this.#tellWhy();
    this.#notice(k, now);
    const card = this.#cards.update(this.#cardsNow(k), k.live);
    this.#tell(k, card);
    this.#drawn = k.room;
  }

  /** The cards there are for this person, the most pressing first. */
  #cardsNow(k: Known): Card[] {
    const { rules } = k.room;
    if (this.#drawn && rules && rules !== this.#drawn.rules) this.#rules = rules;
    const circle = this.dataset.circle ?? "";
    const last = k.room.phase === "gathering" || !k.room.round.n ? keptHere(circle) : undefined;
    return [
      ...(this.#why && k.you.stated ? [this.#why.toldCard(k.you.stated)] : []),
      ...this.#asides.cards(k),
      ...(this.#letIn?.cards(k, this.#layout.wide) ?? []),
      ...(this.#reports?.cards() ?? []),
      ...supportCard(k, this.#do),
      ...(this.#rules ? [rulesCard(this.#rules)] : []),
      ...(this.#late ? [catchUp(k)] : []),
      ...(last ? [lastTime([last.take, last.note].filter(Boolean), () => {
        forgetHere(circle);
        this.#cards.close("last");
      })] : []),
    ];
  }

  #notice(k: Known, now: number): void {
    const { care, closing, chair } = k.room;
    const said = [
      this.#told,
      this.#asides.says(k),
      care && (care.step === "grace" ? texts.care.grace(nameOf(k, chair)) : texts.care[care.step]),
      closing && texts.closingAt(texts.clock(closing)),
      this.#merged.says(k, now),
      ...coming(k, now),
      supportSays(k),
      k.keep?.askHold && k.room.hold && texts.askHold,
    ].filter(Boolean).join(" ");
    text($("notice"), said);
    $("notice").hidden = !said;
  }

  /** Announces what has changed to whoever doesn't see it. */
  #tell(k: Known, card: string): void {
    const was = this.#drawn;
    const { room } = k;
    if (!was) return this.#announce(card);
    if (room.hold && !was.hold) return this.#announce(texts.now.held(room.hold.why).join(" "), "assertive");
    if (was.hold && !room.hold) return this.#announce(texts.says.released);
    this.#announce([...this.#stageSays(k, was), this.#stickSays(k, was), card].filter(Boolean).join(" "));
  }

  /** What is new of the agenda. */
  #stageSays(k: Known, was: RoomView): string[] {
    const { room, you } = k;
    const says: string[] = [];
    if (room.stage && room.stage.id !== was.stage?.id) says.push(texts.stage.now(room.stage.title), room.prompt);
    if (room.support && room.support !== was.support) says.push(room.support === you.seat ? texts.supportForYou : texts.supportFor(nameOf(k, room.support)));
    if (room.floor === "quiet" && was.floor !== "quiet") says.push(texts.stage.quiet[0]!);
    if (room.stage?.bell && !was.stage?.bell) says.push(texts.stage.bell[0]!);
    if (room.floor === "open" && was.floor !== "open") says.push(texts.says.open);
    return says;
  }

  /** What is new of the stick, and what whoever has it would like. */
  #stickSays(k: Known, was: RoomView): string {
    const { room, you } = k;
    const { at, turn, seat, wish } = room.stick;
    const mine = seat === you.seat;
    const wishes = at === "held" && wish && !mine && (wish !== was.stick.wish || turn !== was.stick.turn || was.stick.at !== "held") ? `${texts.wish[wish]?.(nameOf(k, seat)) ?? ""}.` : "";
    if (at === was.stick.at && turn === was.stick.turn) return wishes;
    $("refused").hidden = true;
    if (at === "resting") return room.floor === "ring" ? texts.says.laid : "";
    if (at === "held") return mine ? texts.says.mine : [texts.says.speaking(nameOf(k, seat)), wishes].filter(Boolean).join(" ");
    return mine ? texts.says.offered : "";
  }

  #announce(say: string, where = "polite"): void {
    if (!say) return;
    const el = $(where);
    text(el, el.textContent === say ? `${say}\u00a0` : say); // said twice it is announced twice
  }

  #end(why: End): void {
    this.#line?.close();
    this.#after(why);
  }

  #after(why: End, say?: string): void {
    if (why === "banned") return location.reload(); // the house's own page says why
    const t = { ...texts.after[why], ...(this.#waits && why === "removed" && { title: door.notTonight, say: door.notTonightSay }) };
    const wasIn = !!this.#known || !!this.#before;
    const stated = this.#known?.you.stated;
    closeAll();
    clearTimeout(this.#down);
    keep(this.#key, undefined);
    this.#known = undefined;
    $("words").replaceChildren();
    this.#asides.close();
    this.#show("after");
    const parted = wasIn && (why === "over" || why === "left");
    $("goodbye").hidden = !parted;
    $("after-call").classList.toggle("lead", !parted); // after a good evening nothing is urgent
    if (parted) forYourself(this.dataset.circle ?? "");
    text($("after-title"), t.title);
    text($("after-say"), say ?? t.say);
    if (stated) void import("./told.ts").then((m) => m.toldAfter(stated));
    text($("after-back"), t.back);
    $("after-back").onclick = () => (why === "left" ? location.reload() : location.assign(why === "gone" ? "/enter" : "/"));
    $("after-title").focus();
  }
}
