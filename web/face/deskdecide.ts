// What to do about a case: an action, a rule, a sentence; and what the person
// will see of it, before it is done. What is typed stays through every change
// of the case, until it is done.
import { attr, h, text } from "./dom.ts";
import { button, field, lacks, nextId, pick, radios, sure as asked, type Desk, type Part } from "./deskask.ts";
import { date, doings, rules, scopes, statement, sure, told, when } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { bounds, type Action, type CaseView, type DeskDecide, type DeskSecond, type Scope } from "./deskwire.ts";

const dayLong = 86_400_000;
const lengths = [1, 7, 30, 90, 183, bounds.banDays, 0]; // days; 0: no end
const silent: Action[] = ["none", "close"]; // nobody is told by a statement
const ground = "ground-rules";

/** What was typed, to be there again after signing in. */
export interface Draft {
  action: Action;
  rule: string;
  facts: string;
  publicNote: string;
  minutes: string;
  scope: string;
  days: string;
  more: boolean;
}

export class Decide implements Part {
  readonly el: HTMLElement;
  #desk: Desk;
  #case: CaseView | undefined;
  #action: Action | undefined;
  #written = ""; // what was filled in; something else was typed
  #offered = ""; // the actions that are there
  #ruled = "";
  #choice = h("fieldset", { class: "choice actions" });
  #form = h("form", { class: "decide", hidden: true, novalidate: true });
  #minutes = h("input", { type: "number", inputmode: "numeric", min: 1, max: bounds.muteMinutes, value: "10" });
  #scope = h("select", { autocomplete: "off" });
  #days = pick(lengths.map((d) => [String(d), d ? t.daysN(d) : t.daysNone]));
  #second = h("input", { autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  #rule = h("select", { autocomplete: "off" });
  #facts = h("textarea", { rows: 3, dir: "auto", maxlength: bounds.facts });
  #left = h("p", { class: "small" });
  #publicNote = h("textarea", { rows: 2, dir: "auto", maxlength: bounds.public });
  #more = h("input", { type: "checkbox" });
  #preview = h("div", { class: "preview" });
  #first = h("p", { class: "small" }, t.claimFirst);
  #agree = h("details", { class: "agree" });
  #boxes: Record<"minutes" | "scope" | "days" | "second", HTMLElement>;
  #factsLabel: HTMLElement;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#days.value = "30";
    this.#publicNote.value = t.publicThanks;
    this.#boxes = { minutes: field(t.minutes, this.#minutes), scope: field(t.scope, this.#scope), days: field(t.days, this.#days), second: field(t.second, this.#second, t.secondSay) };
    const facts = field(t.facts, this.#facts, t.factsSay);
    this.#factsLabel = facts.querySelector("label")!;
    facts.append(this.#left);
    this.#form.append(...Object.values(this.#boxes), field(t.rule, this.#rule), facts, field(t.publicNote, this.#publicNote, t.publicSay),
      h("label", { class: "check" }, this.#more, t.more),
      h("section", { class: "what-they-see", "aria-labelledby": "preview-title" }, h("h4", { id: "preview-title" }, t.previewTitle), this.#preview),
      h("p", { class: "row" }, h("button", { class: "button lead" }, t.decide), button(t.cancel, () => this.#choose(undefined))));
    this.#form.onsubmit = (e) => {
      e.preventDefault();
      void this.#go();
    };
    this.#form.oninput = () => this.#changed();
    this.#rule.onchange = () => this.#fill();
    this.el = h("section", { class: "card", "aria-labelledby": "do-title" }, h("h3", { id: "do-title" }, t.doTitle), this.#first, this.#choice, this.#form, this.#agree);
  }

  show(c: CaseView): void {
    const other = this.#case?.id !== c.id;
    this.#case = c;
    if (other) this.#clear();
    const actions = c.can.includes("decide") ? (c.actions ?? []) : [];
    this.el.hidden = c.kind === "care" || c.kind === "appeal" || c.state === "closed" && actions.length === 0;
    this.#first.hidden = actions.length > 0;
    this.#choice.hidden = actions.length === 0;
    attr(this.#form, "data-rests", actions.length === 0 && this.#action ? "" : null); // what was typed stays
    this.#offer(actions);
    this.#rules(c.ground ?? []);
    const scope = this.#scope.value;
    this.#scope.replaceChildren(...(Object.keys(scopes) as Scope[]).filter((s) => s !== "series" || c.series).map((s) => h("option", { value: s }, scopes[s])));
    if (scope && [...this.#scope.options].some((o) => o.value === scope)) this.#scope.value = scope;
    this.#agreeing(c);
    this.#changed();
  }

  /** What was typed so far, if anything was chosen. */
  get draft(): Draft | undefined {
    if (!this.#action) return undefined;
    return {
      action: this.#action, rule: this.#rule.value, facts: this.#facts.value, publicNote: this.#publicNote.value, minutes: this.#minutes.value,
      scope: this.#scope.value, days: this.#days.value, more: this.#more.checked,
    };
  }

  restore(d: Draft): void {
    this.#choose(d.action);
    const radio = this.#choice.querySelector<HTMLInputElement>(`[value="${CSS.escape(d.action)}"]`);
    if (radio) radio.checked = true;
    for (const [el, v] of [[this.#rule, d.rule], [this.#facts, d.facts], [this.#publicNote, d.publicNote], [this.#minutes, d.minutes], [this.#scope, d.scope], [this.#days, d.days]] as const) el.value = v;
    this.#more.checked = d.more;
    this.#changed();
  }

  #clear(): void {
    this.#form.reset();
    this.#days.value = "30";
    this.#publicNote.value = t.publicThanks;
    this.#choose(undefined);
  }

  #offer(actions: Action[]): void {
    const is = actions.join(" ");
    if (is === this.#offered) return;
    this.#offered = is;
    const name = nextId("action");
    const made = radios(name, actions.map((a) => [a, doings[a].name, doings[a].hint]), (v) => this.#choose(v as Action));
    this.#choice.replaceChildren(h("legend", { class: "sr" }, t.doTitle), ...made);
    const on = this.#action && this.#choice.querySelector<HTMLInputElement>(`[value="${CSS.escape(this.#action)}"]`);
    if (on) on.checked = true;
  }

  #rules(list: string[]): void {
    const is = JSON.stringify(list);
    if (is === this.#ruled) return;
    this.#ruled = is;
    const was = this.#rule.value;
    const group = (label: string, options: [string, string][]) => {
      const g = h("optgroup", {}, ...options.map(([value, label]) => h("option", { value }, label)));
      g.label = label;
      return g;
    };
    const house = Object.entries(rules).filter(([id]) => id !== ground);
    const own = list.length ? list.map((r, i) => [`${ground} ${i}`, r] as [string, string]) : [[ground, rules[ground]!] as [string, string]];
    this.#rule.replaceChildren(h("option", { value: "" }, t.ruleChoose), group(t.ruleGround, own), group(t.ruleHouse, house));
    if ([...this.#rule.options].some((o) => o.value === was)) this.#rule.value = was;
  }

  #choose(a: Action | undefined): void {
    this.#action = a;
    this.#form.hidden = !a;
    for (const r of this.#choice.querySelectorAll("input")) r.checked = r.value === a;
    if (!a) {
      this.#written = this.#facts.value = "";
      return;
    }
    this.#boxes.minutes.hidden = a !== "mute";
    this.#boxes.scope.hidden = this.#boxes.days.hidden = a !== "ban";
    text(this.#factsLabel, silent.includes(a) ? t.factsRecord : t.facts);
    if (!this.#rule.value && this.#case?.category && rules[this.#case.category]) this.#rule.value = this.#case.category;
    this.#fill();
  }

  /** A kind sentence to begin with, as long as nothing else was typed. */
  #fill(): void {
    if (this.#action && this.#facts.value === this.#written) {
      const own = this.#rule.value.startsWith(`${ground} `) ? this.#rule.selectedOptions[0]!.text : "";
      const say = doings[this.#action].facts;
      this.#facts.value = (this.#written = own ? t.factsGround(own, say) : say).slice(0, bounds.facts);
      this.#written = this.#facts.value;
    }
    this.#changed();
  }

  #changed(): void {
    this.#boxes.second.hidden = this.#action !== "ban" || this.#days.value !== "0";
    text(this.#left, t.left(bounds.facts - [...this.#facts.value].length));
    for (const i of [this.#rule, this.#facts, this.#minutes, this.#second]) if (i.getAttribute("aria-invalid")) lacks(i, "");
    this.#see();
  }

  get #until(): number {
    const now = this.#desk.now();
    if (this.#action === "mute") return now + 60_000 * Number(this.#minutes.value || 0);
    return this.#action === "ban" && this.#days.value !== "0" ? now + dayLong * Number(this.#days.value) : 0;
  }

  #see(): void {
    const a = this.#action;
    if (!a) return;
    if (silent.includes(a)) return this.#preview.replaceChildren(h("p", {}, a === "close" ? t.previewAll : t.previewNobody));
    const now = this.#desk.now();
    const rule = this.#rule.value.split(" ")[0]!;
    const lasts = a === "mute" || a === "ban";
    const until = this.#until;
    this.#preview.replaceChildren(
      h("p", {}, h("b", {}, told(a, this.#scope.value as Scope))),
      h("dl", {},
        ...(lasts ? [h("dt", {}, statement.until), h("dd", {}, until ? (a === "ban" ? date(until) : when(until, now)) : statement.noEnd)] : []),
        h("dt", {}, statement.rule), h("dd", {}, rules[rule] ?? t.ruleNeeded),
        h("dt", {}, statement.facts), h("dd", { dir: "auto" }, this.#facts.value || t.factsNeeded)),
      h("p", { class: "small" }, statement.human, " ", statement.appeal(date(now + bounds.appealDays * dayLong))));
  }

  /** What is still missing: the first of it takes the focus. */
  #missing(): boolean {
    const minutes = Number(this.#minutes.value);
    const bad = [
      this.#action === "mute" && lacks(this.#minutes, Number.isInteger(minutes) && minutes >= 1 && minutes <= bounds.muteMinutes ? "" : t.minutesBad(bounds.muteMinutes)) && this.#minutes,
      this.#action === "ban" && lacks(this.#second, this.#days.value === "0" && !this.#second.value.trim() ? t.secondNeeded : "") && this.#second,
      lacks(this.#rule, this.#rule.value ? "" : t.ruleNeeded) && this.#rule,
      lacks(this.#facts, !this.#facts.value.trim() ? t.factsNeeded : [...this.#facts.value.trim()].length > bounds.facts ? t.factsLong : "") && this.#facts,
    ].find((i) => i);
    if (bad) bad.focus();
    return !!bad;
  }

  async #go(): Promise<void> {
    const a = this.#action;
    if (!a || this.#missing()) return;
    const first = sure[a];
    if (first && !(await asked(first))) return;
    const d: DeskDecide = {
      rev: this.#case!.rev, action: a, rule: this.#rule.value.split(" ")[0]!, facts: this.#facts.value.trim(), public: this.#publicNote.value.trim(), more: this.#more.checked,
      ...(a === "mute" ? { minutes: Number(this.#minutes.value) } : {}),
      ...(a === "ban" ? { scope: this.#scope.value as Scope, days: Number(this.#days.value), second: this.#days.value === "0" ? this.#second.value.trim() : "" } : {}),
    };
    if (await this.#desk.change("decide", d, t.decided)) {
      this.#clear();
      document.getElementById("past-title")!.focus();
    }
  }

  /** A second moderator agrees to keep somebody out without an end. */
  #agreeing(c: CaseView): void {
    const yours = c.claim?.id === this.#desk.view?.you;
    this.#agree.hidden = !c.can.includes("second") || !c.claim || yours || c.state === "closed" || c.kind === "care" || c.kind === "appeal";
    if (this.#agree.hidden) return this.#agree.replaceChildren();
    if (this.#agree.childElementCount) return;
    const code = h("p", { role: "status" });
    this.#agree.replaceChildren(h("summary", {}, t.secondAgree), h("div", { class: "stack" }, h("p", { class: "small" }, t.secondAgreeSay),
      button(t.secondAgree, async () => {
        const got = await this.#desk.ask<DeskSecond>(`/desk/cases/${encodeURIComponent(c.id)}/second`, {});
        if (got) code.replaceChildren(t.secondCode, " ", h("code", {}, got.code));
      }), code));
  }
}
