// Get help or report, as circle.ts loads it once somebody sits. It keeps in
// memory what was said in the last 15 minutes, with its tags, also what was
// taken back since: only that can be quoted, and it goes with the page. Nothing
// of a report stands anywhere else on the page, or on the line.
import "./circle.ts"; // what the two share is loaded by then
import type { Card } from "./cards.ts";
import { $, attr, h, text } from "./dom.ts";
import { bounds, type About, type Category, type Kind, type QuoteIn, type ReportIn, type ReportOut, type ReportStep } from "./reportwire.ts";
import * as says from "./says-report.ts";
import { nameOf, type Known, type Word } from "./store.ts";
import type { Refusal, SeatID } from "./wire.ts";

/** What is heard in an aside. */
export interface Heard {
  room: string;
  receipt: string;
  words: Word[];
}

export interface ReportsAsk {
  handle: string;
  receipt(): string; // of this seat; empty: there is none yet
  again(): void; // draws anew
}

const keepFor = 15 * 60_000;
const askEvery = 15_000;
const shownOf = 280; // characters of an utterance that are shown

const categories: Record<Category, string> = {
  "threat-to-others": says.category_threat_to_others, "child-safety": says.category_child_safety, "encouraging-harm": says.category_encouraging_harm,
  methods: says.category_methods, outing: says.category_outing, sexual: says.category_sexual, "facilitator-conduct": says.category_facilitator_conduct,
  illegal: says.category_illegal, harassment: says.category_harassment, selling: says.category_selling, "turn-taking": says.category_turn_taking, other: says.category_other,
};

interface Kept extends QuoteIn {
  gone: boolean; // taken back since
  own: boolean;
  receipt: string; // of the aside it was said in
  came: number; // to this page, by its clock
}

interface Somebody {
  name: string;
  role: string;
  here: boolean;
}

interface Sent {
  code: string;
  step: ReportStep["step"];
  public: string;
}

export class Reports {
  #ask: ReportsAsk;
  #kept = new Map<string, Kept>();
  #taken = new Map<string, number>(); // by room: id of the newest that was taken in
  #people = new Map<SeatID, Somebody>();
  #me: SeatID = "";
  #chair: SeatID = "";
  #sent: Sent[] = [];
  #forms = new Map<string, HTMLElement>(); // by door: what is typed stays until it is sent
  #dialog = h("dialog", { id: "report", "aria-labelledby": "report-title" });
  #progress = h("div", { role: "status" });
  #just = false; // it says that something has arrived already

  constructor(ask: ReportsAsk) {
    this.#ask = ask;
    document.body.append(this.#dialog);
    setInterval(() => this.#prune(), askEvery);
    setInterval(() => void this.#poll(), askEvery);
    document.addEventListener("visibilitychange", () => void this.#poll());
  }

  /** Takes in what is heard and who is here. */
  heard(k: Known, aside?: Heard): void {
    this.#me = k.you.seat;
    this.#chair = k.room.chair || this.#chair;
    for (const id of Object.keys(k.names)) {
      const seat = k.seats[id];
      this.#people.set(id, { name: nameOf(k, id), role: seat?.role ?? this.#people.get(id)?.role ?? "", here: !!seat });
    }
    this.#take(k.words, "", "", (w) => w.seat === this.#me);
    if (aside) this.#take(aside.words, aside.room, aside.receipt, (w) => w.name === k.seats[this.#me]?.name);
    this.#prune();
  }

  #take(words: Word[], room: string, receipt: string, own: (w: Word) => boolean): void {
    const newest = Math.max(0, ...words.map((w) => w.id));
    const before = this.#taken.get(room) ?? 0;
    const from = newest < before ? 0 : before; // it counts anew
    this.#taken.set(room, newest);
    for (const w of words) {
      const said = w.text || w.was;
      if (!w.seat || !w.tag || !said || w.lost) continue;
      const key = `${room} ${w.seq} ${w.at}`;
      const had = this.#kept.get(key);
      if (had) had.gone ||= !!w.gone;
      else if (w.id > from) this.#kept.set(key, { room, receipt, seq: w.seq, seat: w.seat, at: w.at, words: said, tag: w.tag, called: w.name, gone: !!w.gone, own: own(w), came: Date.now() });
    }
  }

  #prune(): void {
    for (const [key, q] of this.#kept) if (Date.now() - q.came > keepFor) this.#kept.delete(key);
  }

  /** What is new of what this page has reported. */
  cards(): Card[] {
    return this.#sent.filter((s) => s.step !== "received").map((s) => ({
      key: `report-${s.code}-${s.step}`, title: s.step === "looking" ? says.looking : says.decided,
      say: [says.news, ...(s.public ? [says.fromThem(s.public)] : [])], acts: [], close: true,
    }));
  }

  /** Opens it at a door, or before both. */
  open(door: string): void {
    $<HTMLDialogElement>("help").close();
    if (!this.#dialog.open) this.#dialog.showModal();
    if (door === "care" || door === "conduct") this.#form(door);
    else this.#doors();
  }

  #show(title: string, ...body: (Node | string | false)[]): void {
    const heading = h("h2", { id: "report-title", tabindex: "-1" }, title);
    this.#dialog.replaceChildren(heading, ...body.filter((b): b is Node | string => b !== false));
    this.#dialog.scrollTop = 0;
    heading.focus();
  }

  #end(): HTMLElement {
    return h("button", { type: "button", class: "button wide", click: () => this.#dialog.close() }, says.close);
  }

  #doors(): void {
    const door = (key: string, label: string, say: string) =>
      h("button", { type: "button", class: "button wide", click: () => this.#form(key) }, h("span", {}, h("b", {}, label), h("br"), h("small", {}, say)));
    this.#just = false;
    this.#tellProgress();
    this.#show(says.title, h("p", {}, says.lead), h("div", { class: "options" }, door("care", says.care, says.careSay), door("conduct", says.conduct, says.conductSay)),
      this.#progress, this.#own(), this.#end());
  }

  /** The receipt, for whoever wants to report from somewhere else. */
  #own(): HTMLElement | false {
    const receipt = this.#ask.receipt();
    if (!receipt) return false;
    return h("details", {}, h("summary", {}, says.receiptGet), copied(says.receipt, receipt, says.receiptSay));
  }

  #form(door: string): void {
    const form = this.#forms.get(door) ?? (door === "care" ? this.#care() : this.#conduct());
    this.#forms.set(door, form);
    form.dispatchEvent(new Event("refresh"));
    this.#show(door === "care" ? says.careTitle : says.conduct, form);
  }

  // Care.

  #care(): HTMLElement {
    const about = radios("care", says.careWho, { self: says.self, person: says.someone });
    const whom = this.#whom(says.whom, {});
    const words = h("textarea", { id: "report-care-text", rows: "4", dir: "auto", autocomplete: "off" });
    const about_ = () => about.value() as About | "";
    about.el.onchange = () => (whom.el.hidden = about_() !== "person");
    whom.el.hidden = true;
    return this.#made([about.el, whom.el, labelled(says.careText, words, true), h("p", { class: "small" }, says.quietly)], () => {
      const a = about_();
      if (!a || (a === "person" && !whom.value())) return says.needWho;
      return this.#report("care", a, words.value, a === "self" ? "" : whom.value());
    }, whom.refresh);
  }

  // Conduct.

  #conduct(): HTMLElement {
    const whom = this.#whom(says.aboutWhom, { keeper: says.keeper, moderator: says.moderator, circle: says.circle });
    const what = radios("category", says.what, categories);
    const picker = new Picker();
    const words = h("textarea", { id: "report-text", rows: "4", dir: "auto", autocomplete: "off" });
    const keeper = h("p", { class: "small" }, says.keeperSay);
    const update = () => {
      const who = whom.value();
      keeper.hidden = this.#aboutOf(who, []) !== "facilitator" && what.value() !== "facilitator-conduct";
      picker.show(who, this.#quotable(who));
    };
    whom.el.onchange = what.el.onchange = update;
    const refresh = () => {
      whom.refresh();
      update();
    };
    return this.#made([whom.el, what.el, picker.el, labelled(says.text, words, true), keeper], () => {
      const who = whom.value();
      const category = what.value() as Category | "";
      if (!who) return says.needWho;
      if (!category) return says.needWhat;
      const quotes = picker.chosen();
      const context = picker.context() ? this.#around(quotes) : [];
      return { ...this.#report("conduct", this.#aboutOf(who, quotes), words.value, this.#seatOf(who)), category, ...withQuotes(quotes, context) };
    }, refresh);
  }

  #aboutOf(who: string, quotes: Kept[]): About {
    const role = this.#people.get(who)?.role;
    if (who === "circle") return "circle";
    if (who === "keeper" || who === this.#chair || role === "facilitator") return "facilitator";
    if (who === "moderator" || role === "moderator") return "moderator";
    return quotes.length ? "words" : "person";
  }

  #seatOf(who: string): SeatID {
    if (who === "keeper") return this.#chair === this.#me ? "" : this.#chair;
    return this.#people.has(who) ? who : "";
  }

  /** What can be quoted of somebody, or of everybody else. */
  #quotable(who: string): Kept[] {
    const seat = who === "circle" ? "" : this.#seatOf(who);
    const name = this.#people.get(seat)?.name;
    return [...this.#kept.values()].filter((q) => !q.own && (who === "circle" || (q.room ? q.called === name : q.seat === seat))).sort((a, b) => a.at - b.at);
  }

  /** What was said nearest to what was chosen. */
  #around(chosen: Kept[]): Kept[] {
    const far = (q: Kept) => Math.min(...chosen.filter((c) => c.room === q.room).map((c) => Math.abs(c.at - q.at)));
    return [...this.#kept.values()].filter((q) => !chosen.includes(q) && far(q) < Infinity).sort((a, b) => far(a) - far(b)).slice(0, bounds.context);
  }

  #report(kind: Kind, about: About, typed: string, subject: SeatID): ReportIn {
    const called = this.#people.get(subject)?.name;
    return { kind, about, ...(subject && { subject }), ...(called && { called }), ...(typed.trim() && { text: typed }) };
  }

  /** A choice of whom, with those who have left. */
  #whom(label: string, more: Record<string, string>): { el: HTMLElement; value(): string; refresh(): void } {
    const select = h("select", { id: `report-whom-${Object.keys(more).length}`, autocomplete: "off" });
    const refresh = () => {
      const before = select.value;
      const people = [...this.#people].filter(([id]) => id !== this.#me).sort((a, b) => Number(b[1].here) - Number(a[1].here) || a[1].name.localeCompare(b[1].name));
      const keeps = people.some(([id]) => id === this.#chair);
      const option = (value: string, name: string) => h("option", { value }, name);
      select.replaceChildren(option("", says.choose), ...people.map(([id, p]) => option(id, this.#named(id, p))),
        ...Object.entries(more).filter(([key]) => key !== "keeper" || !keeps).map(([key, name]) => option(key, name)));
      select.value = [...select.options].some((o) => o.value === before) ? before : "";
    };
    return { el: labelled(label, select), value: () => select.value, refresh };
  }

  #named(id: SeatID, p: Somebody): string {
    if (id === this.#chair || p.role === "facilitator") return says.keeperNamed(p.name);
    if (p.role === "moderator") return says.moderatorNamed(p.name);
    return p.here ? p.name : says.went(p.name);
  }

  // Sending.

  /** A form of these parts; read makes a report of it, or says what is missing. */
  #made(parts: HTMLElement[], read: () => ReportIn | string, refresh: () => void): HTMLElement {
    const problem = h("p", { class: "problem", role: "alert" });
    const send = h("button", { class: "button lead wide" }, says.send);
    const form = h("form", { class: "stack", novalidate: true, submit: (e) => {
      e.preventDefault();
      void go();
    } }, ...parts, h("p", { class: "small" }, says.sealed), problem, h("div", { class: "options" }, send,
      h("button", { type: "button", class: "button", click: () => this.#doors() }, says.back)));
    const go = async () => {
      if (send.getAttribute("aria-disabled")) return;
      const report = read();
      text(problem, typeof report === "string" ? report : "");
      if (typeof report === "string") return;
      attr(send, "aria-disabled", "true");
      text(send, says.sending);
      const out = await this.#send(report);
      attr(send, "aria-disabled", null);
      text(send, says.send);
      if (typeof out === "string") {
        text(problem, out);
        problem.scrollIntoView({ block: "nearest" });
      } else {
        this.#forms.delete(report.kind);
        this.#thanks(out, report.about === "self");
      }
    };
    form.addEventListener("refresh", refresh);
    return form;
  }

  /** Sends a report; what is wrong with it comes back as a sentence. */
  async #send(report: ReportIn): Promise<ReportOut | string> {
    const receipt = this.#ask.receipt();
    try {
      let r = await post(`/c/${encodeURIComponent(this.#ask.handle)}/report`, report);
      if (r.status === 403 && receipt) r = await post("/report", { ...report, receipt });
      const body = (await r.json()) as ReportOut & Partial<Refusal>;
      return r.ok ? body : (body.say ?? says.wentWrong);
    } catch {
      return says.wentWrong;
    }
  }

  /** Says that it has arrived, and how far it comes as long as this is open. */
  #thanks(out: ReportOut, self: boolean): void {
    this.#sent.push({ code: out.code, step: "received", public: "" });
    this.#just = true;
    this.#tellProgress();
    const link = `${location.origin}/report/status#${out.code}`;
    this.#show(says.sent, this.#progress, h("p", {}, out.onCall ? says.onCall : says.nobody), (self || !out.onCall) && crisis(),
      out.words === "nokey" && h("p", { class: "care" }, says.noKey), !!out.old && h("p", {}, says.old(out.old)),
      h("details", {}, h("summary", {}, says.code), copied(says.code, link, says.codeSay)), this.#end());
  }

  /** Asks how far what was sent has come. */
  async #poll(): Promise<void> {
    if (document.visibilityState !== "visible") return;
    for (const s of this.#sent.filter((o) => o.step !== "decided")) {
      try {
        const r = await post("/report/status", { code: s.code });
        if (!r.ok) continue;
        const now = (await r.json()) as ReportStep;
        if (now.step === s.step) continue;
        Object.assign(s, { step: now.step, public: now.public ?? "" });
        this.#tellProgress();
        this.#ask.again();
      } catch {
        return; // the line is down: it is asked again
      }
    }
  }

  #tellProgress(): void {
    const step = { received: says.sent, looking: says.looking, decided: says.decided };
    const list = this.#sent.filter((s) => !this.#just || s.step !== "received");
    const lines = list.map((s) => [step[s.step], s.public && says.fromThem(s.public)].filter(Boolean).join(". "));
    this.#progress.className = lines.length ? "care" : "";
    this.#progress.replaceChildren(...(lines.length ? [h("b", {}, says.news)] : []), ...lines.map((line) => h("p", { dir: "auto" }, line)));
  }
}

/** The words of somebody, to choose from. */
class Picker {
  #list = h("div");
  #context = h("input", { type: "checkbox", autocomplete: "off" });
  #beside = h("label", { class: "check" }, this.#context, h("span", {}, says.context));
  #say = h("p", { class: "small" });
  #of = "";
  #quotes: { quote: Kept; box: HTMLInputElement }[] = [];
  readonly el = h("fieldset", {}, h("legend", {}, h("b", {}, says.words), " ", h("span", { class: "muted" }, says.ifYouLike)), this.#say, this.#list, this.#beside);

  constructor() {
    this.el.onchange = (e) => {
      e.stopPropagation();
      this.#bound();
    };
  }

  show(who: string, quotes: Kept[]): void {
    const before = who === this.#of ? this.chosen() : [];
    this.#of = who;
    this.#quotes = quotes.map((quote) => {
      const box = h("input", { type: "checkbox", autocomplete: "off" });
      box.checked = before.includes(quote);
      return { quote, box };
    });
    this.#list.replaceChildren(...this.#quotes.map(({ quote: q, box }) => h("label", { class: "check" }, box,
      h("span", { dir: "auto" }, cut(q.words), h("small", {}, [q.called, q.gone && says.takenBack].filter(Boolean).join(" · "))))));
    text(this.#say, quotes.length ? says.wordsSay : says.noWords);
    this.el.hidden = !who;
    this.#beside.hidden = !quotes.length;
    this.#bound();
  }

  #bound(): void {
    const full = this.chosen().length >= bounds.quotes;
    for (const { box } of this.#quotes) box.disabled = full && !box.checked;
  }

  chosen(): Kept[] {
    return this.#quotes.filter(({ box }) => box.checked).map(({ quote }) => quote);
  }

  context(): boolean {
    return this.#context.checked;
  }
}

function withQuotes(chosen: Kept[], context: Kept[]): Pick<ReportIn, "quotes" | "asides"> {
  const all = [...chosen.map((q) => wire(q, false)), ...context.map((q) => wire(q, true))];
  const asides = [...new Set([...chosen, ...context].map((q) => q.receipt).filter(Boolean))];
  return { ...(all.length && { quotes: all }), ...(asides.length && { asides }) };
}

function wire({ room, seq, seat, at, words, tag, called }: Kept, context: boolean): QuoteIn {
  return { ...(room && { room }), seq, seat, at, words, tag, ...(called && { called }), ...(context && { context }) };
}

function cut(words: string): string {
  return words.length > shownOf ? `${words.slice(0, shownOf)}…` : words;
}

function radios(name: string, legend: string, choices: Record<string, string>): { el: HTMLElement; value(): string } {
  const el = h("fieldset", {}, h("legend", {}, h("b", {}, legend)), ...Object.entries(choices).map(([value, label]) =>
    h("label", { class: "check" }, h("input", { type: "radio", name: `report-${name}`, value, autocomplete: "off" }), h("span", {}, label))));
  return { el, value: () => el.querySelector<HTMLInputElement>(":checked")?.value ?? "" };
}

function labelled(label: string, input: HTMLElement, optional = false): HTMLElement {
  return h("div", {}, h("label", { for: input.id }, label, optional && " ", optional && h("span", { class: "muted" }, says.ifYouLike)), input);
}

/** A text to copy. */
function copied(label: string, value: string, say: string): HTMLElement {
  const field = h("input", { id: `report-copy-${label.length}`, readonly: true, dir: "ltr", value, autocomplete: "off" });
  const done = h("p", { class: "small", role: "status" });
  field.onfocus = () => field.select();
  const copy = async () => {
    await navigator.clipboard.writeText(value).then(() => text(done, says.copied), () => field.focus());
  };
  const button = navigator.clipboard as Clipboard | undefined ? h("button", { type: "button", class: "button", click: () => void copy() }, says.copy) : "";
  return h("div", { class: "stack" }, labelled(label, field), h("p", { class: "small" }, say), button, done);
}

/** Where to turn to now: what the card shows for the country that was chosen, and the card. */
function crisis(): HTMLElement {
  const here = document.querySelector<HTMLElement>("#help [data-region]:not([hidden])");
  return h("div", { class: "stack" }, here ? (here.cloneNode(true) as HTMLElement) : "",
    h("button", { type: "button", class: "button lead wide", click: () => $<HTMLDialogElement>("help").showModal() }, says.call));
}

function post(path: string, body: unknown): Promise<Response> {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store", signal: AbortSignal.timeout(15_000) });
}
