// "Edit tonight": what is still to come, in another order, longer, shorter,
// left out, or with something new. Only saving changes it for the circle.
import { $, attr, drawing, h, keyed, text } from "./dom.ts";
import type { Do } from "./acts.ts";
import { spent } from "./agenda.ts";
import { grip, keepFocus, sortable } from "./sorting.ts";
import type { Known } from "./store.ts";
import * as texts from "./texts-board.ts";
import type { Kind, Order, PlanStage, PlanView } from "./wire.ts";

const minute = 60_000;
const byFive = 5;
const mostMinutes = 240;
const mostStages = 16;
const mostTitle = 80; // bytes
const mostPrompt = 400;
const newMinutes = 10;

/** A stage as it stands and as it is wished. */
interface Row {
  key: string;
  g: PlanView; // as it stands; of a new one as it was made up
  title: string;
  prompt: string;
  minutes: number;
  out: boolean;
  open: boolean; // its words are shown
}

export class Planner {
  #act: Do;
  #known: Known | undefined;
  #rows: Row[] = [];
  #as: string[] = []; // the keys in the order in which they stand
  #rev = 0;
  #new = 0; // stages made up here
  #ahead = 0; // the house's clock less this one's
  #busy = false;
  #list = h("ol", { class: "plan" });
  #none = h("p", { class: "small" }, texts.plan.nothing);
  #says = h("p", { role: "status", class: "plan-says" });
  #when = h("p", { class: "small" });
  #adds = h("button", { type: "button", class: "button", click: () => this.#adding(true) }, texts.plan.add);
  #form = h("form", { class: "stack cue-card", hidden: true });
  #save = h("button", { type: "button", class: "button lead", click: () => void this.#saves() }, texts.plan.save);
  #undo = h("button", { type: "button", class: "button", click: () => this.#undoes() }, texts.plan.discard);
  #dialog = h("dialog", { id: "plan", "aria-labelledby": "plan-title" }, h("h2", { id: "plan-title", tabindex: "-1", autofocus: true }, texts.plan.title), h("p", { class: "small" }, texts.plan.say),
    this.#list, this.#none, this.#adds, this.#form,
    h("div", { class: "plan-end" }, this.#when, this.#says, h("div", { class: "acts" }, this.#save, this.#undo, h("button", { type: "button", class: "button", click: () => this.#dialog.close() }, texts.plan.later))));

  constructor(act: Do) {
    this.#act = act;
    document.body.append(this.#dialog);
    this.#form.onsubmit = (e) => {
      e.preventDefault();
      this.#addNew();
    };
    sortable(this.#list, { move: (key, before) => this.#move(key, before), gone: () => {} });
  }

  open(k: Known): void {
    const kept = this.#changed();
    if (kept) this.#rebase(k);
    else this.#load(k);
    text(this.#says, kept ? texts.plan.kept : "");
    this.#adding(false);
    this.#draw(k, Date.now() + this.#ahead);
    this.#dialog.showModal();
  }

  update(k: Known, now: number): void {
    this.#known = k;
    this.#ahead = now - Date.now();
    if (!this.#dialog.open) return;
    if (k.you.role !== "facilitator") return this.#dialog.close();
    if (k.keep?.plan !== this.#rev && (k.keep?.plan || this.#rev) || this.#as.join() !== toCome(k).map(keyOf).join()) {
      const mine = this.#changed();
      this.#rebase(k);
      if (mine) text(this.#says, texts.plan.changed);
    }
    this.#draw(k, now);
  }

  #load(k: Known): void {
    this.#rows = toCome(k).map((g) => row(g, keyOf(g)));
    this.#as = this.#rows.map((r) => r.key);
    this.#rev = k.keep?.plan ?? 0;
  }

  #changed(): boolean {
    return this.#rows.some((r) => !r.g.id || r.out || r.title !== r.g.title || r.prompt !== (r.g.prompt ?? "") || r.minutes !== minutesOf(r.g)) ||
      this.#rows.map((r) => r.key).join() !== this.#as.join();
  }

  /** Puts what was changed here into the agenda as it stands now. */
  #rebase(k: Known): void {
    const mine = this.#rows;
    const was = this.#as;
    this.#load(k);
    const known = new Map(mine.map((r) => [r.key, r]));
    for (const r of this.#rows) {
      const m = known.get(r.key);
      if (!m) continue;
      if (m.title !== m.g.title) r.title = m.title;
      if (m.prompt !== (m.g.prompt ?? "")) r.prompt = m.prompt;
      if (m.minutes !== minutesOf(m.g)) r.minutes = m.minutes;
      Object.assign(r, { out: m.out, open: m.open });
    }
    const keys = mine.filter((r) => r.g.id).map((r) => r.key);
    if (keys.join() !== was.filter((key) => known.has(key)).join()) {
      const order = keys.filter((key) => this.#as.includes(key));
      const now = new Map(this.#rows.map((r) => [r.key, r]));
      this.#rows = this.#rows.map((r) => (order.includes(r.key) ? r.key : "")).map((key, i) => (key ? now.get(order.shift()!)! : this.#rows[i]!));
    }
    mine.forEach((r, i) => {
      if (r.g.id) return;
      const after = this.#rows.findIndex((o) => o.key === mine[i - 1]?.key);
      this.#rows.splice(after + 1, 0, r);
    });
  }

  #undoes(): void {
    if (!this.#known) return;
    this.#load(this.#known);
    text(this.#says, "");
    this.#redraw();
    this.#dialog.querySelector("h2")!.focus();
  }

  #redraw(): void {
    if (this.#known) this.#draw(this.#known, Date.now() + this.#ahead);
  }

  #move(key: string, before: string): void {
    const r = this.#rows.find((o) => o.key === key);
    if (!r) return;
    const rest = this.#rows.filter((o) => o !== r);
    const i = before ? rest.findIndex((o) => o.key === before) : rest.length;
    rest.splice(i < 0 ? rest.length : i, 0, r);
    this.#rows = rest;
    text(this.#says, texts.plan.moved(called(r), rest.indexOf(r) + 1, rest.length));
    this.#redraw();
  }

  #step(r: Row, by: number): void {
    const i = this.#rows.indexOf(r);
    const to = i + by;
    if (to < 0 || to >= this.#rows.length) return;
    this.#move(r.key, this.#rows[by > 0 ? to + 1 : to]?.key ?? "");
  }

  #draw(k: Known, now: number): void {
    keepFocus(this.#dialog, () => keyed(this.#list, this.#rows, (r) => r.key, makeRow, (li, r) => this.#drawRow(li, r, k)));
    this.#none.hidden = this.#rows.length > 0;
    const full = (k.keep?.agenda?.length ?? 0) - this.#as.length + this.#rows.filter((r) => !r.out).length >= mostStages;
    attr(this.#adds, "aria-disabled", full ? "true" : null);
    text(this.#adds, full ? texts.plan.full : texts.plan.add);
    const changed = this.#changed();
    this.#undo.hidden = !changed;
    attr(this.#save, "aria-disabled", changed && k.live && !this.#busy ? null : "true");
    text(this.#when, this.#times(k, now));
  }

  #drawRow(li: HTMLElement, r: Row, k: Known): void {
    const t = texts.plan;
    const name = called(r);
    const i = this.#rows.indexOf(r);
    const at = <T extends HTMLElement = HTMLButtonElement>(part: string) => li.querySelector<T>(`[data-do="${part}"]`)!;
    const button = (part: string, label: string, usable: boolean, run: () => void) => {
      const b = at(part);
      attr(b, "aria-label", label);
      attr(b, "aria-disabled", usable ? null : "true");
      b.onclick = () => {
        if (!usable) return;
        run();
        this.#redraw();
      };
    };
    li.className = r.out ? "out" : "";
    at<HTMLElement>("in").hidden = r.out;
    at<HTMLElement>("gone").hidden = !r.out;
    text(at<HTMLElement>("title"), name);
    text(at<HTMLElement>("what"), t.what(r.g.kind, r.g.order, r.g.turn ?? 0, !!r.g.split));
    text(at<HTMLElement>("minutes"), r.minutes ? texts.min(r.minutes) : texts.asItComes);
    const less = Math.ceil(r.minutes / byFive) * byFive - byFive;
    const more = Math.floor(r.minutes / byFive) * byFive + byFive;
    button("less", t.less(name), r.minutes > 0 && (less > 0 || mayHaveNone(r.g)), () => (r.minutes = less));
    button("more", t.more(name), more <= mostMinutes, () => (r.minutes = more));
    button("up", t.up(name), i > 0, () => this.#step(r, -1));
    button("down", t.down(name), i < this.#rows.length - 1, () => this.#step(r, 1));
    button("open", t.words(name), true, () => (r.open = !r.open));
    attr(at("open"), "aria-expanded", String(r.open));
    at<HTMLElement>("words").hidden = !r.open;
    for (const [part, field] of [["t", "title"], ["p", "prompt"]] as const) {
      const input = at<HTMLInputElement>(part);
      if (input.value !== r[field]) input.value = r[field];
      input.oninput = () => {
        r[field] = input.value;
        this.#redraw();
      };
    }
    at<HTMLElement>("out").hidden = !!r.g.closing;
    at<HTMLElement>("stays").hidden = !r.g.closing;
    at("out").onclick = () => this.#drop(r, li);
    text(at<HTMLElement>("gone-say"), t.isOut(name));
    attr(at("back"), "aria-label", `${t.back}: ${name}`);
    at("back").onclick = () => {
      r.out = false;
      text(this.#says, "");
      this.#draw(k, Date.now() + this.#ahead);
      at("open").focus();
    };
  }

  #drop(r: Row, li: HTMLElement): void {
    if (!r.g.id) {
      this.#rows = this.#rows.filter((o) => o !== r);
      this.#adds.focus();
    }
    Object.assign(r, { out: true, open: false });
    text(this.#says, texts.plan.isOut(called(r)));
    this.#redraw();
    li.querySelector<HTMLElement>("[data-do=back]")?.focus();
  }

  /** Says when the closing round and the end come, as planned here. */
  #times(k: Known, now: number): string {
    const t = texts.plan;
    const begun = !!k.room.stage;
    const stay = this.#rows.filter((r) => !r.out);
    const i = stay.findIndex((r) => r.g.closing);
    const total = (rows: { minutes: number }[]) => rows.reduce((all, r) => all + r.minutes, 0) * minute;
    const saved = toCome(k).map((g) => ({ minutes: minutesOf(g), closing: !!g.closing }));
    const clock = k.keep?.clock;
    const base = !begun ? now : k.room.closes ? k.room.closes - total(saved.slice(0, saved.findIndex((g) => g.closing))) : now + Math.max(0, (clock?.time ?? 0) - spent(clock, now));
    const closes = base + total(stay.slice(0, Math.max(0, i)));
    const parts: string[] = [];
    if (i >= 0 && (k.room.closes || !begun)) parts.push(closes < now + minute && begun ? t.closesNow : t.closes(texts.clock(closes)));
    if (total(stay) || begun) parts.push(t.ends(texts.clock((i >= 0 ? closes : base) + total(stay.slice(Math.max(0, i))))));
    const said = parts.join(", ");
    return said && `${said[0]!.toUpperCase()}${said.slice(1)}${begun ? "" : `, ${t.ifNow}`}.`;
  }

  // Something new.

  #adding(on: boolean): void {
    if (on && this.#adds.getAttribute("aria-disabled")) return;
    this.#form.hidden = !on;
    this.#adds.hidden = on;
    if (!on) return this.#form.replaceChildren();
    const t = texts.plan;
    const select = (name: string, label: string, choices: Record<string, string>, value?: string) =>
      h("div", {}, h("label", { for: `plan-new-${name}` }, label), h("select", { id: `plan-new-${name}`, name }, ...Object.entries(choices).map(([v, say]) => h("option", { value: v, selected: v === value }, say))));
    const field = (name: string, label: string, props: Record<string, string>) =>
      h("div", {}, h("label", { for: `plan-new-${name}` }, label), h("input", { id: `plan-new-${name}`, name, autocomplete: "off", ...props }));
    const round = h("div", { class: "stack" }, select("order", t.order, texts.orders),
      select("turn", t.turn, { 0: t.turnFree, ...Object.fromEntries([1, 2, 3, 4, 5, 10].map((n) => [n * 60, texts.minutes(n)])) }));
    this.#form.replaceChildren(select("kind", t.kind, texts.stageKinds), round, field("title", t.stageTitle, { maxlength: String(mostTitle) }), field("prompt", t.prompt, { maxlength: String(mostPrompt) }),
      field("minutes", t.minutes, { type: "number", min: "1", max: String(mostMinutes), required: "", value: String(newMinutes) }),
      h("div", { class: "acts" }, h("button", { class: "button" }, t.addIt), h("button", { type: "button", class: "button", click: () => {
        this.#adding(false);
        this.#adds.focus();
      } }, t.notYet)));
    const kind = this.#form.querySelector("select")!;
    kind.onchange = () => (round.hidden = kind.value !== "round");
    kind.focus();
  }

  #addNew(): void {
    const data = new FormData(this.#form);
    const of = (name: string) => String(data.get(name) ?? "").trim();
    const kind = of("kind") as Kind;
    const order = kind === "round" ? (of("order") as Order) : undefined;
    const g: PlanView = {
      id: 0, kind, title: of("title") || texts.stageKinds[kind], prompt: of("prompt"), time: Math.round(Number(of("minutes"))) * minute,
      ...(order && { order, turn: Number(of("turn")) * 1000, rounds: order === "hands" || order === "least" ? 0 : 1 }),
    };
    const r = row(g, `n${++this.#new}`);
    const closing = this.#rows.findIndex((o) => o.g.closing);
    this.#rows.splice(closing < 0 ? this.#rows.length : closing, 0, r);
    this.#adding(false);
    text(this.#says, texts.plan.added(called(r)));
    this.#redraw();
    [...this.#list.querySelectorAll<HTMLElement>("li")].find((li) => li.dataset.key === r.key)?.querySelector<HTMLElement>("[data-do=open]")?.focus();
  }

  // Saving.

  async #saves(): Promise<void> {
    const k = this.#known;
    if (!k?.live || this.#busy || !this.#changed()) return;
    const long = this.#rows.find((r) => !r.out && (bytes(r.title) > mostTitle || bytes(r.prompt) > mostPrompt));
    if (long) {
      long.open = true;
      text(this.#says, texts.plan.long([...called(long)].slice(0, 24).join("")));
      return this.#redraw();
    }
    const rev = this.#rev;
    this.#busy = true;
    this.#redraw();
    const done = await this.#act("plan", { rev, stages: this.#rows.filter((r) => !r.out).map(asked) });
    this.#busy = false;
    if (!done) {
      if (this.#rev === rev) text(this.#says, $("refused").textContent ?? ""); // else it is said already
      return this.#redraw();
    }
    this.#rows = [];
    this.#as = [];
    this.#dialog.close();
    text($("polite"), texts.plan.saved);
  }
}

/** What of the agenda has not begun. */
function toCome(k: Known): PlanView[] {
  const all = k.keep?.agenda ?? [];
  return all.slice(all.findIndex((g) => g.id === k.room.stage?.id) + 1);
}

function keyOf(g: PlanView): string {
  return `s${g.id}`;
}

function minutesOf(g: PlanView): number {
  return g.time ? Math.max(1, Math.round(g.time / minute)) : 0;
}

function row(g: PlanView, key: string): Row {
  return { key, g, title: g.title, prompt: g.prompt ?? "", minutes: minutesOf(g), out: false, open: false };
}

/** Whether a stage can take as long as it comes. */
function mayHaveNone(g: PlanView): boolean {
  return g.kind !== "quiet" && !g.split && !g.closing && (g.kind !== "round" || !!g.rounds);
}

function called(r: Row): string {
  return r.title.trim() || r.g.title || texts.stageKinds[r.g.kind];
}

function bytes(s: string): number {
  return new TextEncoder().encode(s.trim()).length;
}

/** A row as the room is asked for it: of a stage that is there, only what changed. */
function asked(r: Row): PlanStage {
  const title = r.title.trim();
  const prompt = r.prompt.trim();
  const { id, kind, order, turn, rounds } = r.g;
  if (id) return { id, minutes: r.minutes, ...(title && title !== r.g.title && { title }), ...(prompt && prompt !== r.g.prompt && { prompt }) };
  return { id, kind, minutes: r.minutes, title: title || called(r), ...(prompt && { prompt }), ...(order && { order }), ...(turn && { turn: turn / 1000 }), ...(rounds && { rounds }) };
}

function makeRow(r: Row): HTMLElement {
  const t = texts.plan;
  const small = (part: string, sign: string) => h("button", { type: "button", class: "button round", "data-do": part }, h("span", { "aria-hidden": "true" }, sign));
  const field = (part: string, label: string, input: HTMLElement) => {
    input.id = `plan-${r.key}-${part}`;
    attr(input, "data-do", part);
    return h("div", {}, h("label", { for: input.id }, label), input);
  };
  return h("li", {},
    h("div", { "data-do": "in" },
      h("div", { class: "plan-row" }, grip(false), h("span", { class: "who" }, h("b", { "data-do": "title" }), " ", h("small", { "data-do": "what" }))),
      h("div", { class: "plan-row" }, small("less", "−"), h("span", { class: "plan-min", "data-do": "minutes" }), small("more", "+"), h("span", { class: "plan-gap" }), small("up", "↑"), small("down", "↓"), h("button", { type: "button", class: "button round", "data-do": "open" }, drawing("more"))),
      h("div", { class: "stack plan-words", "data-do": "words" },
        field("t", t.stageTitle, h("input", { autocomplete: "off", maxlength: String(mostTitle) })), field("p", t.prompt, h("textarea", { rows: "3", maxlength: String(mostPrompt) })),
        h("button", { type: "button", class: "button", "data-do": "out" }, t.out), h("p", { class: "small", "data-do": "stays" }, t.closing))),
    h("div", { class: "plan-row", "data-do": "gone" }, h("span", { class: "who", "data-do": "gone-say" }), h("button", { type: "button", class: "button", "data-do": "back" }, t.back)));
}
