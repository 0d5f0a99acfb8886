// What was said and written: covered until somebody opens it, which the house
// writes down. It is unsealed here, with this browser's own key.
import { attr, h } from "./dom.ts";
import { button, type Desk, type Part } from "./deskask.ts";
import { clock, day, language, what } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { open as unseal } from "./modkey.ts";
import type { Body, CaseView, DeskBodies, FilingView, Quote, Sealed } from "./deskwire.ts";

export class Evidence implements Part {
  readonly el: HTMLElement;
  #desk: Desk;
  #list = h("ol", { class: "filings" });
  #open: HTMLButtonElement;
  #cover: HTMLButtonElement;
  #first = h("p", { class: "small" }, t.claimFirst);
  #case: CaseView | undefined;
  #bodies: Record<string, Body | string> = {}; // by report: what it says, or why it can't be read
  #shown = "";

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#open = button(t.saidOpen, () => this.#read(), "lead");
    this.#cover = button(t.saidCover, () => this.cover());
    this.el = h("section", { class: "card sealed-part", "aria-labelledby": "said-title" },
      h("h3", { id: "said-title", tabindex: "-1" }, t.saidTitle), h("p", { class: "small" }, t.saidSay), this.#list, h("p", { class: "row" }, this.#open, this.#cover), this.#first);
  }

  show(c: CaseView): void {
    if (this.#case?.id !== c.id) this.#bodies = {};
    this.#case = c;
    const sealed = c.filings.some((f) => f.keys.length > 0);
    const opened = Object.keys(this.#bodies).length > 0;
    this.el.hidden = c.kind === "appeal";
    this.#open.hidden = !sealed || opened || !c.can.includes("read");
    this.#first.hidden = !sealed || opened || c.can.includes("read") || c.state === "closed";
    this.#cover.hidden = !opened;
    const is = JSON.stringify([c.filings, c.erased, Object.keys(this.#bodies)]);
    if (is === this.#shown) return; // nothing moves under whoever reads
    this.#shown = is;
    this.#list.replaceChildren(...c.filings.map((f, i) => this.#filing(f, i, c)));
  }

  /** Covers everything again, and forgets it. */
  cover(): void {
    this.#bodies = {};
    if (this.#case) this.show(this.#case);
  }

  /** Opens it by keyboard. */
  press(): void {
    if (!this.#open.hidden) this.#open.click();
    else if (!this.#first.hidden) this.#desk.say(t.claimFirst);
  }

  async #read(): Promise<void> {
    const c = this.#case!;
    const got = await this.#desk.ask<DeskBodies>(`/desk/cases/${encodeURIComponent(c.id)}/read`, {});
    if (!got) return;
    const bodies: Record<string, Body | string> = {};
    for (const f of c.filings) if (f.keys.length) bodies[f.id] = await this.#unsealed(f, got.bodies[f.id]);
    if (this.#case?.id !== c.id) return;
    this.#bodies = bodies;
    this.show(this.#case);
    this.#desk.say(t.saidOpened);
    this.el.querySelector<HTMLElement>("h3")!.focus();
  }

  async #unsealed(f: FilingView, sealed: Sealed | undefined): Promise<Body | string> {
    if (!sealed) return t.saidGone;
    const view = this.#desk.view;
    const body = await unseal(sealed, view?.you ?? "");
    if (body) return body;
    if (f.keys.some((k) => view?.keys.includes(k))) return t.saidDamaged;
    const others = [...new Set(f.openers?.map((p) => p.name) ?? [])];
    return others.length ? t.saidSealed(others.join(", ")) : t.saidSealedNobody;
  }

  #filing(f: FilingView, i: number, c: CaseView): HTMLElement {
    const is = this.#bodies[f.id];
    const facts = [what({ kind: c.kind, about: f.about, category: f.category }), f.quotes ? t.quotes(f.quotes) : "", t.reportLang(language(f.lang))];
    const said = f.keys.length === 0 ? h("p", { class: "small" }, c.erased ? t.saidErased : t.saidNone)
      : is === undefined ? covered() : typeof is === "string" ? h("p", { class: "care" }, is) : words(is);
    return h("li", {}, h("p", {}, h("b", {}, t.report(i + 1)), " ", h("span", { class: "small" }, t.reportAt(day(f.at), clock(f.at)))),
      h("p", { class: "small", dir: "auto" }, facts.filter(Boolean).join(" · ")), said);
  }
}

/** Lines that hide nothing: what is covered isn't in the page yet. */
function covered(): HTMLElement {
  return h("div", { class: "covered", "aria-hidden": "true" }, h("span", {}), h("span", {}), h("span", {}));
}

function words(b: Body): HTMLElement {
  const el = h("div", { class: "opened stack" });
  const add = (title: string, text: string | undefined, say = "") => {
    if (text) el.append(h("div", {}, h("h4", {}, title), h("blockquote", { dir: "auto" }, text), say ? h("p", { class: "small" }, say) : ""));
  };
  add(t.reportWrote, b.text);
  add(t.reportCalled, b.called, t.reportCalledSay);
  add(t.reportPlace, b.place);
  add(t.reportContact, b.contact);
  if (b.quotes?.length) el.append(h("div", {}, h("h4", {}, t.reportQuotes), h("p", { class: "small" }, t.reportQuotesSay), h("ul", { class: "quotes" }, ...b.quotes.map(quote))));
  return el;
}

function quote(q: Quote): HTMLElement {
  const li = h("li", {}, h("p", { class: "small" }, q.called ? h("b", { dir: "auto" }, q.called) : "", ` ${clock(q.at)}`, q.context ? h("span", { class: "tag quiet-tag" }, t.reportContext) : ""), h("blockquote", { dir: "auto" }, q.words));
  attr(li, "class", q.context ? "around" : null);
  return li;
}
