// One open case: what is known, the room as it is now, who has it, and under
// that a part for each thing there is to do. It is made once and kept in step,
// so that nothing typed is lost when somebody else changes it.
import { attr, h, text } from "./dom.ts";
import { button, field, pick, type Desk, type Part } from "./deskask.ts";
import { Care, Judge } from "./deskcare.ts";
import { Decide, type Draft } from "./deskdecide.ts";
import { Evidence } from "./deskevidence.ts";
import { Notes, Past } from "./deskpast.ts";
import { isLate, live } from "./deskqueue.ts";
import { about, outcomes, soon, states, waits, what, when, day } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { bounds, type CaseView } from "./deskwire.ts";

/** What was typed about a case. */
export interface Drafts {
  decide?: Draft;
  note?: string;
}

export class CasePane {
  readonly el: HTMLElement;
  is: CaseView | undefined;
  #desk: Desk;
  readonly title = h("h2", { id: "case-title", tabindex: "-1" });
  #tags = h("p", { class: "labels" });
  #facts = h("dl", { class: "case-facts" });
  #live = h("div", { class: "stack" });
  #enter = h("form", { method: "post", target: "_blank" }, h("button", { class: "button" }, t.enter), h("p", { class: "small" }, t.enterSay));
  #liveBox: HTMLElement;
  #claim = h("div", { class: "claim" });
  #claimed = h("p", {});
  #take: HTMLButtonElement;
  #back: HTMLButtonElement;
  #hand = h("details", { class: "hand" });
  #handTo = pick([]);
  #handNote = h("textarea", { rows: 2, dir: "auto", maxlength: bounds.note });
  #evidence: Evidence;
  #decide: Decide;
  #notes: Notes;
  #parts: Part[];
  #empty = h("p", { class: "lead" }, t.chooseOne);
  #whole = h("div", { class: "whole", hidden: true });

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#evidence = new Evidence(desk);
    this.#decide = new Decide(desk);
    this.#notes = new Notes(desk);
    this.#parts = [this.#evidence, new Judge(desk), new Care(desk), this.#decide, new Past(desk), this.#notes];
    this.#take = button(t.claim, () => this.claim(), "lead");
    this.#back = button(t.release, () => desk.change("release", {}, t.released));
    this.#handOver();
    this.#claim.append(this.#claimed, h("p", { class: "row" }, this.#take, this.#back), this.#hand);
    this.#liveBox = h("section", { class: "card now-there", "aria-labelledby": "live-title" }, h("h3", { id: "live-title" }, t.liveTitle), this.#live, this.#enter);
    const facts = h("section", { class: "card known", "aria-label": t.factsTitle }, this.#facts, this.#claim);
    this.#whole.append(h("p", {}, h("a", { class: "to-list", href: "#" }, t.toList)), this.title, this.#tags, facts, this.#liveBox, ...this.#parts.map((p) => p.el));
    this.el = h("section", { class: "one-case", "aria-labelledby": "case-title" }, this.#empty, this.#whole);
  }

  /** Shows a case; another one than before begins at its top. */
  show(c: CaseView): void {
    this.is = c;
    this.#empty.hidden = true;
    this.#whole.hidden = false;
    text(this.title, what(c));
    this.tick();
    this.#claiming(c);
    for (const p of this.#parts) p.show(c);
  }

  /** Shows none. What was open is covered. */
  clear(): void {
    this.is = undefined;
    this.#evidence.cover();
    this.#empty.hidden = false;
    this.#whole.hidden = true;
  }

  focus(): void {
    this.title.focus();
  }

  /** Times go on. */
  tick(): void {
    if (!this.is) return;
    this.#known(this.is);
    this.#room(this.is);
  }

  async claim(): Promise<void> {
    const yours = this.is?.claim?.id === this.#desk.view?.you;
    if (this.is?.can.includes("claim")) await this.#desk.change("claim", {}, yours ? "" : t.claimGot);
  }

  open(): void {
    this.#evidence.press();
  }

  note(): void {
    this.#notes.focus();
  }

  get drafts(): Drafts {
    return { decide: this.#decide.draft, note: this.#notes.draft };
  }

  restore(d: Drafts): void {
    if (d.decide) this.#decide.restore(d.decide);
    if (d.note) this.#notes.restore(d.note);
  }

  #known(c: CaseView): void {
    const now = this.#desk.now();
    const list: [string, string][] = [
      [t.circle, c.title || t.noCircle],
      [t.about, about[c.about]],
      [t.came, c.state === "raised" ? `${when(c.raised, now)} · ${waits(now - c.raised)}` : when(c.raised, now)],
      [t.soon, c.state === "raised" ? t.soonBy(when(c.due, now)) : ""],
      [t.whatCame, [c.reports ? t.reports(c.reports) : "", c.quotes ? t.quotes(c.quotes) : ""].filter(Boolean).join(", ")],
      [t.stands, c.state === "acknowledged" && c.claim ? "" : [states[c.state], c.outcome ? outcomes[c.outcome] : "", c.closed ? t.closedOn(day(c.closed)) : ""].filter(Boolean).join(" · ")],
    ];
    const is = list.filter(([, v]) => v);
    if (this.#facts.childElementCount !== is.length) this.#facts.replaceChildren(...is.map(() => h("div", {}, h("dt", {}), h("dd", { dir: "auto" }))));
    is.forEach(([k, v], i) => {
      text(this.#facts.children[i]!.firstElementChild!, k);
      text(this.#facts.children[i]!.lastElementChild!, v);
    });
    const tags = [t.number(c.n), c.state === "closed" ? "" : soon[c.priority]!, isLate(c, now) ? t.late : ""].filter(Boolean);
    if (this.#tags.textContent !== tags.join(" ")) {
      this.#tags.replaceChildren(...tags.flatMap((s) => [h("span", { class: `tag ${s === t.late ? "late" : "quiet-tag"}` }, s), " "]).slice(0, -1));
    }
  }

  #room(c: CaseView): void {
    this.#liveBox.hidden = !c.circle || (c.kind === "notice" && !c.live);
    const l = c.live;
    const lines = !l ? [t.liveNot] : [
      live(c).join(" · "),
      l.subject === "here" ? t.subjectHere : l.subject === "away" ? t.subjectAway : l.subject === "gone" ? t.subjectGone : "",
      l.holds ? t.subjectHolds : "", l.muted && l.muted > this.#desk.now() ? t.subjectMuted(when(l.muted, this.#desk.now())) : "",
    ].filter(Boolean);
    if (this.#live.textContent !== lines.join("")) this.#live.replaceChildren(...lines.map((s) => h("p", {}, s)));
    this.#enter.hidden = !l;
    attr(this.#enter, "action", `/circles/${encodeURIComponent(c.circle)}/keep`);
  }

  #claiming(c: CaseView): void {
    const now = this.#desk.now();
    const you = this.#desk.view?.you;
    const by = c.claim && c.claim.until > now ? c.claim : undefined;
    const yours = by?.id === you;
    text(this.#claimed, !by ? (c.can.includes("claim") ? t.claimSay : "") : yours ? t.claimed(when(by.until, now)) : t.claimOther(by.name, when(by.until, now)));
    this.#claimed.hidden = c.state === "closed" || !this.#claimed.textContent;
    this.#take.hidden = !!by || !c.can.includes("claim") || c.state === "closed";
    this.#back.hidden = !yours || c.state === "closed" || !c.can.includes("release");
    this.#hand.hidden = !yours || c.state === "closed" || !c.can.includes("hand-over");
    const others = this.#desk.view?.people.filter((p) => p.id !== you) ?? [];
    if (this.#handTo.options.length !== others.length) this.#handTo.replaceChildren(...others.map((p) => h("option", { value: p.id }, p.name)));
    if (others.length === 0) this.#hand.hidden = true;
  }

  #handOver(): void {
    this.#hand.append(h("summary", {}, t.handOver), h("form", { class: "stack", submit: (e) => {
      e.preventDefault();
      void this.#handed();
    } }, field(t.handTo, this.#handTo), field(t.handNote, this.#handNote), h("p", {}, h("button", { class: "button" }, t.handOver))));
  }

  async #handed(): Promise<void> {
    const note = this.#handNote.value.trim();
    const name = this.#handTo.selectedOptions[0]?.text ?? "";
    if (note && !(await this.#desk.change("note", { text: note }, ""))) return;
    this.#handNote.value = "";
    if (!(await this.#desk.change("hand-over", { to: this.#handTo.value }, t.handed(name)))) return;
    (this.#hand as HTMLDetailsElement).open = false;
    this.focus();
  }
}
