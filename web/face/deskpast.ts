// What was done about a case, which can mostly be taken back; and what
// moderators leave each other.
import { attr, h } from "./dom.ts";
import { button, field, lacks, sure, type Desk, type Part } from "./deskask.ts";
import { clock, day, doings, rules, scopes } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { bounds, type CaseView, type DecisionView, type NoteView } from "./deskwire.ts";

/** A decision, as it is on record. */
export function decision(d: DecisionView, now: number, undo?: HTMLElement): HTMLElement {
  const lasts = [d.scope ? scopes[d.scope] : "", d.until ? t.pastUntil(day(d.until), clock(d.until)) : d.action === "ban" ? t.daysNone : "", d.second ? t.pastSecond(d.second) : ""];
  const el = h("div", { class: "decision stack" },
    h("p", {}, h("b", {}, doings[d.action].name), lasts.some(Boolean) ? ` · ${lasts.filter(Boolean).join(" · ")}` : "", " ", d.undone ? h("span", { class: "tag quiet-tag" }, t.pastUndone(day(d.undone))) : ""),
    h("p", { class: "small", dir: "auto" }, t.pastBy(day(d.at), d.by.name, clock(d.at))),
    h("p", { class: "small" }, rules[d.rule] ?? d.rule),
    d.facts ? h("blockquote", { dir: "auto" }, d.facts) : h("p", { class: "small" }, t.saidErased),
    d.public ? h("p", { class: "small", dir: "auto" }, t.pastPublic, " ", d.public) : "",
    d.missed ? h("p", { class: "small" }, t.pastMissed) : "",
    undo && d.can && !d.undone ? h("p", {}, undo) : "");
  attr(el, "data-over", d.undone || (d.until && d.until < now) ? "" : null);
  return el;
}

export class Past implements Part {
  readonly el: HTMLElement;
  #desk: Desk;
  #list = h("ol", { class: "past" });
  #none = h("p", { class: "small" }, t.pastNone);
  #shown = "";

  constructor(desk: Desk) {
    this.#desk = desk;
    this.el = h("section", { class: "card past-part", "aria-labelledby": "past-title" }, h("h3", { id: "past-title", tabindex: "-1" }, t.pastTitle), this.#none, this.#list);
  }

  show(c: CaseView): void {
    this.el.hidden = c.kind === "appeal" || c.kind === "care" && c.decisions.length === 0;
    this.#none.hidden = c.decisions.length > 0;
    const is = JSON.stringify(c.decisions);
    if (is === this.#shown) return;
    this.#shown = is;
    this.#list.replaceChildren(...c.decisions.map((d) => h("li", {}, decision(d, this.#desk.now(), button(t.undo, () => this.#undo(d))))));
  }

  async #undo(d: DecisionView): Promise<void> {
    if (!(await sure({ title: t.sureUndo, say: t.sureUndoSay, yes: t.yesUndo }))) return;
    if (await this.#desk.change("undo", { decision: d.id }, t.undid)) this.el.querySelector("h3")!.focus();
  }
}

export class Notes implements Part {
  readonly el: HTMLElement;
  #desk: Desk;
  #list = h("ol", { class: "notes" });
  #none = h("p", { class: "small" }, t.notesNone);
  #text = h("textarea", { rows: 2, dir: "auto", maxlength: bounds.note });
  #again = h("input", { type: "date" });
  #againBox: HTMLElement;
  #form: HTMLFormElement;
  #id = "";
  #shown = "";

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#againBox = field(t.noteAgain, this.#again);
    this.#form = h("form", { class: "stack", novalidate: true, submit: (e) => {
      e.preventDefault();
      void this.#leave();
    } }, field(t.note, this.#text, t.noteSay), this.#againBox, h("p", {}, h("button", { class: "button" }, t.noteLeave)));
    this.el = h("section", { class: "card notes-part", "aria-labelledby": "notes-title" }, h("h3", { id: "notes-title" }, t.notesTitle), this.#none, this.#list, this.#form);
  }

  show(c: CaseView): void {
    if (c.id !== this.#id) this.#form.reset();
    this.#id = c.id;
    this.#form.hidden = !c.can.includes("note");
    this.#againBox.hidden = !c.can.includes("follow-up");
    const soonest = new Date(this.#desk.now() + 86_400_000);
    attr(this.#again, "min", local(soonest));
    this.#none.hidden = c.notes.length > 0;
    const is = JSON.stringify(c.notes);
    if (is === this.#shown) return;
    this.#shown = is;
    this.#list.replaceChildren(...c.notes.map(note));
  }

  /** Begins a note by keyboard. */
  focus(): void {
    if (!this.#form.hidden) this.#text.focus();
  }

  get draft(): string {
    return this.#text.value;
  }

  restore(text: string): void {
    this.#text.value = text;
  }

  async #leave(): Promise<void> {
    const text = this.#text.value.trim();
    if (lacks(this.#text, text ? "" : t.noteNeeded)) return this.#text.focus();
    const again = this.#againBox.hidden || !this.#again.value ? 0 : new Date(`${this.#again.value}T09:00`).getTime();
    if (await this.#desk.change("note", again ? { text, again } : { text }, t.noteLeft)) this.#form.reset();
  }
}

/** A day as a date field has it, here. */
const local = (d: Date) => [d.getFullYear(), d.getMonth() + 1, d.getDate()].map((n) => String(n).padStart(2, "0")).join("-");

function note(n: NoteView): HTMLElement {
  return h("li", {}, h("p", { class: "small", dir: "auto" }, t.pastBy(day(n.at), n.by.name, clock(n.at))), h("blockquote", { dir: "auto" }, n.text || t.saidErased));
}
