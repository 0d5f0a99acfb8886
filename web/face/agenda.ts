// Tonight: where the agenda is, what is left of it, and what to do now. It
// is there so that somebody who never kept a circle can keep this one.
import { attr, h, keyed, text } from "./dom.ts";
import type { Do } from "./acts.ts";
import type { Act } from "./bar.ts";
import { ask } from "./dialogs.ts";
import { byHand } from "./stage.ts";
import { can, keeps, nameOf, short, type Known } from "./store.ts";
import * as texts from "./texts.ts";
import type { PlanView, StageClock } from "./wire.ts";

const minute = 60_000;
const closingSoon = 2 * minute;
const more = 5; // minutes, by one press

/** What the moment asks of whoever keeps the circle: a sentence, and the act that comes next, if it is theirs. */
export interface Step {
  say: string;
  act?: "next" | "stage" | "close";
  early?: boolean; // it can wait
}

/** Milliseconds the present stage has gone on. */
export function spent(c: StageClock | undefined, now: number): number {
  return c ? c.spent + (c.since ? Math.max(0, now - c.since) : 0) : 0;
}

/** The stages around the present one. Before the circle begins, next is the first. */
export function around(k: Known): { present?: PlanView; next?: PlanView; back?: PlanView; at: number } {
  const all = k.keep?.agenda ?? [];
  const at = all.findIndex((g) => g.id === k.room.stage?.id);
  return { present: all[at], next: all[at + 1], back: all[at - 1], at };
}

/** What is left of tonight in milliseconds; undefined if the agenda keeps no time. */
export function left(k: Known, now: number): number | undefined {
  const all = k.keep?.agenda ?? [];
  const { at, present } = around(k);
  const total = sum(all);
  if (!total) return undefined;
  if (!present) return total;
  const closing = all.findIndex((g) => g.closing);
  if (k.room.closes && closing > at) return Math.max(0, k.room.closes - now) + sum(all.slice(closing));
  return Math.max(0, (present.time ?? 0) - spent(k.keep?.clock, now)) + sum(all.slice(at + 1));
}

export function sum(stages: PlanView[]): number {
  return stages.reduce((all, g) => all + (g.time ?? 0), 0);
}

/** Says what to do now; undefined without an agenda. */
export function step(k: Known, now: number): Step | undefined {
  const { room, keep } = k;
  if (!keep?.agenda?.length) return undefined;
  const t = texts.step;
  const { present, next } = around(k);
  const resting = room.stick.at === "resting";
  if (!present) return { say: t.arriving(next?.title ?? ""), act: "next" };
  if (room.hold) return { say: t.held };
  if (room.moving) return { say: room.stick.at === "held" ? t.moving(nameOf(k, room.stick.seat), room.moving) : t.movingSoon(room.moving) };
  if (room.support) return { say: t.support(nameOf(k, room.support)), ...(resting && { act: "next" as const }) };
  const up = !!present.time && spent(keep.clock, now) >= present.time;
  const on: Step = next ? { say: up ? t.up(next.title) : t.goOn(next.title), act: "stage" } : { say: t.last, act: "close" };
  const early = (say: string): Step => ({ ...on, say, early: true });
  if (present.kind === "round") return inRound(k, on, up);
  if (up || !next) return room.stage?.bell && next ? { ...on, say: t.bell(next.title) } : on;
  if (room.floor === "ring") return early(t.beside);
  if (present.kind === "quiet") return room.stage?.bell ? { ...on, say: t.bell(next.title) } : early(t.quiet(at(k, now)));
  return early(present.kind === "lead" ? t.lead : present.time ? t.openUntil(at(k, now)) : t.open);
}

function inRound(k: Known, on: Step, up: boolean): Step {
  const t = texts.step;
  const { round, stick } = k.room;
  const after = round.next?.[0];
  const hands = byHand(k);
  if (k.room.floor !== "ring") return up ? on : { say: t.openInRound, act: "next" };
  if (!round.going) return stick.at === "resting" ? { ...on, say: k.keep?.agenda && on.act === "stage" ? t.roundOver(around(k).next!.title) : on.say } : { say: t.lastOne };
  if (up) return { ...on, say: on.act === "stage" ? t.upInRound(k.keep?.queue?.length ?? 0) : on.say };
  if (stick.at === "resting") return hands && !can(k, "next") ? { say: t.noHands } : { say: t.resting(after ? calls(k, after) : ""), act: "next" };
  return { say: after ? t.thenBySelf(calls(k, after)) : hands ? t.handsFirst : t.lastOne };
}

function calls(k: Known, id: string): string {
  return id === k.you.seat ? texts.nextYou : short(nameOf(k, id));
}

/** When the present stage's time is over, as a clock shows it. */
function at(k: Known, now: number): string {
  const { present } = around(k);
  return texts.clock(now + Math.max(0, (present?.time ?? 0) - spent(k.keep?.clock, now)));
}

/** Goes to a stage; asks first when somebody has not had the stick. */
export async function goTo(k: Known, act: Do, to: PlanView): Promise<void> {
  const from = k.room.stage?.id ?? 0;
  const { round, stick } = k.room;
  const waits = round.going ? [...(stick.at === "offered" ? [stick.seat!] : []), ...(k.keep?.queue ?? [])] : [];
  if (waits.length) {
    const { title, closing, past, no } = texts.waitAsk;
    const agenda = k.keep?.agenda ?? [];
    const ahead = agenda.findIndex((g) => g.closing) > agenda.findIndex((g) => g.id === from);
    const names = texts.names(waits.map((id) => (id === k.you.seat ? texts.youToo : nameOf(k, id))));
    const you = waits.length === 1 && waits[0] === k.you.seat;
    if (!(await ask({ title: title(names, waits.length > 1 || you), say: ahead ? closing : past, no, options: [{ label: texts.goOnToStage(to.title), value: true }] }))) return;
  }
  await act("stage", { from, to: to.id });
}

/** The agenda on the board. */
export class Tonight {
  readonly el: HTMLElement;
  #act: Do;
  #edit: () => void;
  #title = h("h2", { id: "tonight-title" });
  #part = h("span");
  #list = h("ol", { class: "agenda" });
  #say = h("p", { class: "step" });
  #cue = h("p", { class: "cue" });
  #card = h("div", { class: "cue-card", role: "group", "aria-labelledby": "cue-title" }, h("h3", { id: "cue-title" }, texts.whatNow), this.#say, this.#cue);
  #acts = h("div", { class: "acts" });

  constructor(act: Do, edit: () => void) {
    this.#act = act;
    this.#edit = edit;
    this.el = h("section", { class: "tonight", "aria-labelledby": "tonight-title" }, this.#title, h("div", { class: "spent", "aria-hidden": "true" }, this.#part), this.#list, this.#card, this.#acts);
  }

  /** Begin is what comes next and is said elsewhere on a wide page. */
  update(k: Known, now: number, begin?: Act): void {
    const agenda = k.keep?.agenda ?? [];
    this.el.hidden = agenda.length === 0;
    if (this.el.hidden) return;
    const rest = left(k, now);
    text(this.#title, texts.tonight(rest === undefined ? undefined : Math.round(rest / minute), k.room.phase === "gathering"));
    const total = sum(agenda);
    (this.#part.parentElement as HTMLElement).hidden = rest === undefined;
    this.#part.style.setProperty("inline-size", `${rest === undefined || !total ? 0 : Math.round(100 * Math.min(1, 1 - rest / total))}%`);
    const { at, present } = around(k);
    keyed(this.#list, agenda, (g) => String(g.id), makeStage, (li, g) => drawStage(li, g, agenda.indexOf(g) - at, k, now));
    this.#card.hidden = k.you.role !== "facilitator";
    text(this.#say, [step(k, now)?.say, closesSoon(k, now)].filter(Boolean).join(" "));
    text(this.#cue, k.room.phase === "gathering" ? texts.step.before : (present?.cue ?? ""));
    this.#cue.hidden = !this.#cue.textContent;
    const acts = [...(begin ? [begin] : []), ...this.#all(k, now)];
    this.#acts.hidden = acts.length === 0;
    keyed(this.#acts, acts, (a) => a.key, () => h("button", { type: "button" }), (el, a) => {
      el.className = `button${a.lead ? " lead" : ""}`;
      el.id = `tonight-${a.key}`;
      text(el, a.label);
      const usable = k.live && !(a as Act & { off?: boolean }).off;
      attr(el, "aria-disabled", usable ? null : "true");
      attr(el, "aria-label", a.key === "back" ? texts.backTo(around(k).back?.title ?? "") : null);
      attr(el, "aria-haspopup", a.label.endsWith("…") ? "dialog" : null);
      el.onclick = () => usable && a.do();
    });
  }

  #all(k: Known, now: number): (Act & { off?: boolean })[] {
    const { present, next, back } = around(k);
    const s = step(k, now);
    const leads = s?.act === "stage" && !s.early;
    const acts: (Act & { off?: boolean })[] = [];
    const waits = !!k.room.hold && k.you.role === "facilitator"; // a held room goes nowhere, and its board stays as it is
    const add = (key: "stage" | "back" | "extend" | "plan" | "remind", label: string, run: () => unknown, lead = false) => {
      const act = key === "back" ? "stage" : key;
      if (can(k, act) || (act === "stage" && waits)) acts.push({ key, label, lead, off: !can(k, act) || (key === "stage" && k.room.moving === next?.title), do: () => void run() });
    };
    if (present && next) add("stage", texts.goOnToStage(next.title), () => goTo(k, this.#act, next), leads);
    if (back) add("back", texts.back, () => goTo(k, this.#act, back));
    add("extend", texts.moreMinutes(more), () => this.#act("extend", { minutes: more }));
    add("plan", texts.editTonight, this.#edit);
    add("remind", texts.remind, () => this.#act("remind", {}));
    return acts;
  }
}

function makeStage(): HTMLElement {
  return h("li", {}, h("span", { class: "mark", "aria-hidden": "true" }), h("span", { class: "what" }), h("span", { class: "long" }), h("span", { class: "sr" }));
}

/** A stage of the list; from is how many come before it, of those that are left. */
function drawStage(li: HTMLElement, g: PlanView, from: number, k: Known, now: number): void {
  const [mark, what, long, also] = [...li.children] as HTMLElement[];
  const begun = k.room.phase !== "gathering";
  const past = begun && from < 0;
  const present = begun && from === 0;
  li.className = past ? "past" : present ? "present" : "";
  attr(li, "aria-current", present ? "step" : null);
  text(mark!, past ? "✓" : "");
  text(what!, g.title || texts.stageKinds[g.kind]);
  const all = Math.round((g.time ?? 0) / minute);
  const gone = Math.floor(spent(k.keep?.clock, now) / minute);
  text(long!, present ? texts.soFar(gone, all) : past || !all ? (all ? texts.min(all) : past ? "" : texts.asItComes) : g.closing ? texts.keptFree(all) : texts.min(all));
  text(also!, past ? texts.stageDone : "");
}

function closesSoon(k: Known, now: number): string {
  const { closes } = k.room;
  return closes && closes - now < closingSoon ? texts.step.closes(texts.clock(closes)) : "";
}

/** Shows whoever keeps the time, and has no board, how the stage stands: in the bar. */
export function clockLine(k: Known, now: number): void {
  const bar = document.querySelector("#bar .now");
  if (!bar) return;
  let line = document.getElementById("stage-clock");
  const c = keeps(k) ? undefined : k.you.clock;
  if (!c && !line) return;
  if (!line) bar.after((line = h("p", { class: "small", id: "stage-clock" })));
  line.hidden = !c;
  text(line, c ? texts.youKeepTime(k.room.stage?.title ?? "", texts.soFar(Math.floor(spent(c, now) / minute), Math.round((c.time ?? 0) / minute)), Math.ceil((c.left ?? 0) / minute)) : "");
}
