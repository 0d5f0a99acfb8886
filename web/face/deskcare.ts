// Care, where nothing acts on the person; and an appeal, which somebody else
// than who decided answers.
import { h } from "./dom.ts";
import { button, field, lacks, nextId, radios, type Desk, type Part } from "./deskask.ts";
import { clock, day, outcomes } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { decision } from "./deskpast.ts";
import { bounds, type CaseView, type Outcome } from "./deskwire.ts";

export class Care implements Part {
  readonly el: HTMLElement;
  #with: HTMLElement;
  #is = h("p", { class: "told", hidden: true }, t.careIsWith);
  #ends: HTMLElement;
  #first = h("p", { class: "small" }, t.claimFirst);
  #outcome = "";
  #id = "";

  constructor(desk: Desk) {
    this.#with = button(t.careWith, () => desk.change("care", { state: "with" }, t.careIsWith), "lead");
    const choice = h("fieldset", { class: "choice" }, h("legend", {}, t.careEnds),
      ...radios(nextId("outcome"), (Object.keys(outcomes) as Outcome[]).map((o) => [o, outcomes[o]]), (v) => (this.#outcome = v)));
    const end = button(t.careEnd, async () => {
      if (!this.#outcome) return choice.querySelector("input")!.focus();
      await desk.change("care", { state: "closed", outcome: this.#outcome }, t.careEnded);
    });
    this.#ends = h("div", { class: "stack" }, choice, h("p", {}, end));
    this.el = h("section", { class: "card", "aria-labelledby": "care-title" }, h("h3", { id: "care-title" }, t.careTitle), h("p", { class: "small" }, t.careSay),
      h("p", {}, button(t.careHelp, () => document.querySelector<HTMLElement>("#open-help")?.click()), " ", h("span", { class: "small" }, t.careHelpSay)),
      this.#first, this.#is, h("p", {}, this.#with), this.#ends);
  }

  show(c: CaseView): void {
    if (c.id !== this.#id) {
      this.#outcome = "";
      for (const r of this.el.querySelectorAll("input")) r.checked = false;
    }
    this.#id = c.id;
    const may = c.can.includes("care") && c.state !== "closed";
    this.el.hidden = c.kind !== "care";
    this.#first.hidden = may || c.state === "closed";
    this.#with.hidden = !may || c.state === "with";
    this.#is.hidden = c.state !== "with";
    this.#ends.hidden = !may;
  }
}

export class Judge implements Part {
  readonly el: HTMLElement;
  #desk: Desk;
  #said = h("div", { class: "stack" });
  #form: HTMLFormElement;
  #choice: HTMLElement;
  #answer = h("textarea", { rows: 3, dir: "auto", maxlength: bounds.facts });
  #notYou = h("p", { class: "care" }, t.appealYours);
  #first = h("p", { class: "small" }, t.claimFirst);
  #chosen = "";
  #written = "";
  #id = "";
  #shown = "";

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#choice = h("fieldset", { class: "choice ask" }, h("legend", {}, t.appealJudge),
      ...radios(nextId("judge"), [["uphold", t.appealUphold], ["overturn", t.appealOverturn]], (v) => this.#choose(v)));
    this.#form = h("form", { class: "stack", novalidate: true, submit: (e) => {
      e.preventDefault();
      void this.#go();
    } }, this.#choice, field(t.appealAnswer, this.#answer), h("p", {}, h("button", { class: "button lead" }, t.appealSend)));
    this.el = h("section", { class: "card", "aria-labelledby": "appeal-title" }, h("h3", { id: "appeal-title" }, t.appealTitle), this.#said, this.#notYou, this.#first, this.#form);
  }

  show(c: CaseView): void {
    const a = c.appeal;
    this.el.hidden = !a;
    if (!a) return;
    if (c.id !== this.#id) {
      this.#chosen = this.#written = this.#answer.value = "";
      for (const r of this.#choice.querySelectorAll("input")) r.checked = false;
    }
    this.#id = c.id;
    const yours = !!a.decision.yours;
    const may = c.can.includes("judge") && !a.decided;
    this.#notYou.hidden = !yours || !!a.decided;
    this.#first.hidden = yours || may || !!a.decided;
    this.#form.hidden = !may;
    const is = JSON.stringify(a);
    if (is === this.#shown) return;
    this.#shown = is;
    this.#said.replaceChildren(h("blockquote", { dir: "auto" }, a.text || t.saidErased), h("p", { class: "small" }, t.reportAt(day(a.at), clock(a.at))),
      h("h4", {}, t.appealAgainst), decision(a.decision, this.#desk.now()),
      ...(a.decided ? [h("h4", {}, t.appealWas(day(a.decided))), h("p", {}, h("b", {}, a.overturned ? t.appealOverturn : t.appealUphold)), h("blockquote", { dir: "auto" }, a.answer ?? "")] : []));
  }

  #choose(v: string): void {
    this.#chosen = v;
    if (this.#answer.value !== this.#written) return; // something else was typed
    this.#written = this.#answer.value = v === "overturn" ? t.appealOverturnedText : t.appealUpheldText;
  }

  async #go(): Promise<void> {
    const radio = this.#choice.querySelector("input")!;
    if (lacks(radio, this.#chosen ? "" : t.appealChoose)) return radio.focus();
    if (lacks(this.#answer, this.#answer.value.trim() ? "" : t.factsNeeded)) return this.#answer.focus();
    await this.#desk.change("judge", { overturn: this.#chosen === "overturn", answer: this.#answer.value.trim() }, t.appealSent);
  }
}

