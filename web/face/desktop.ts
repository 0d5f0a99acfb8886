// The whole desk: the queue beside the open case (on a phone one of the two),
// who is on call above them, and what is announced. The address' fragment
// names the open case, so that "back" goes back to the list.
import { attr, h, text } from "./dom.ts";
import { CasePane, type Drafts } from "./deskcase.ts";
import { button, settle, type Desk } from "./deskask.ts";
import { Duty, Sound } from "./deskduty.ts";
import { Keyboard } from "./deskkeys.ts";
import { KeyCard } from "./deskkey.ts";
import { DeskLink, request } from "./desklink.ts";
import { Cards, isLate, isUrgent, newCards } from "./deskqueue.ts";
import { Search } from "./desksearch.ts";
import { what } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { keep, kept } from "./kept.ts";
import type { Card, CaseView, DeskView } from "./deskwire.ts";

const trip = "hearth:desk"; // what is kept while somebody signs in again
const shown = 10_000; // ms that something done is said for
const renew = 60_000; // ms between two renewals of a claim, while somebody works

/** What was open and typed. */
interface Trip {
  open: string;
  drafts: Drafts;
}

export class HearthDesk extends HTMLElement implements Desk {
  view: DeskView | undefined;
  #offset = 0; // of the house's clock
  #link: DeskLink;
  #cards = new Cards();
  #pane = new CasePane(this);
  #duty = new Duty(this);
  #key = new KeyCard(this);
  #sound = new Sound((s) => this.say(s));
  #keyboard = new Keyboard(() => this.#cards, this.#pane);
  #search: Search | undefined;
  #count = h("h2", { id: "queue-title", tabindex: "-1" }, t.opening);
  #more = h("p", { class: "small", hidden: true });
  #unheard = h("p", { class: "band loud", role: "alert", hidden: true });
  #urgent = h("p", { class: "band", hidden: true });
  #line = h("p", { class: "band", role: "alert", hidden: true });
  #polite = h("p", { class: "sr", role: "status" });
  #loud = h("p", { class: "sr", role: "alert" });
  #told = h("p", { class: "told toast", hidden: true, "aria-hidden": "true" });
  #wrong = h("div", { class: "care wrong toast", role: "alert", hidden: true }, h("p", {}), button(t.close, () => this.problem("")));
  #toldUntil = 0;
  #announced = new Set<string>(); // cases that were called out
  #asked = 0; // the newest request for the open case
  #worked = 0; // when the claim was last renewed
  #trip: Trip | undefined;
  #timer = 0;

  constructor() {
    super();
    this.#link = new DeskLink({ view: (v) => this.#see(v), line: (up) => this.#stands(up), out: () => this.#out() });
  }

  connectedCallback(): void {
    const circles = [...this.querySelector("template")!.content.querySelectorAll("option")].map((o) => [o.value, o.text] as [string, string]);
    this.#search = new Search(this, circles);
    this.#trip = recalled();
    this.#build();
    addEventListener("hashchange", () => this.#open());
    for (const does of ["keydown", "pointerdown"]) addEventListener(does, () => this.#works());
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#link.open();
    if (this.#trip?.open && !location.hash) history.replaceState(null, "", `#${this.#trip.open}`);
    this.#open();
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    this.#link.close();
  }

  #build(): void {
    const tools = h("div", { class: "row tools", role: "group", "aria-label": t.tools }, this.#sound.button, this.#keyboard.button);
    const queue = h("section", { class: "queue", "aria-labelledby": "queue-title" }, this.#count, tools, this.#cards.el, this.#more, this.#search!.el);
    this.append(this.#unheard, this.#line, this.#urgent, this.#wrong, this.#told, this.#key.el, this.#duty.el, h("div", { class: "panes" }, queue, this.#pane.el), this.#polite, this.#loud, this.#keyboard.dialog);
  }

  now(): number {
    return Date.now() + this.#offset;
  }

  say(say: string): void {
    text(this.#polite, say);
    text(this.#told, say);
    this.#told.hidden = !say;
    this.#toldUntil = Date.now() + shown;
    this.#wrong.hidden = true;
  }

  problem(say: string): void {
    text(this.#wrong.firstElementChild!, say);
    this.#wrong.hidden = !say;
    this.#told.hidden = true;
  }

  async ask<T>(path: string, body?: object): Promise<T | undefined> {
    const came = await request<T>(path, body);
    if (came.is) return came.is;
    if (came.signIn) this.#signIn(came.signIn === "fresh");
    else this.problem(came.no?.say ?? t.wentWrong);
    return undefined;
  }

  async change(what: string, body: object, done: string): Promise<boolean> {
    const c = this.#pane.is;
    if (!c) return false;
    const mine = c.claim?.id === this.view?.you;
    const at = document.activeElement?.closest(".card");
    const is = await this.ask<CaseView>(`/desk/cases/${encodeURIComponent(c.id)}/${what}`, body);
    if (!is) {
      await this.#look(); // perhaps somebody else was faster
      if (mine && this.#pane.is && this.#pane.is.claim?.id !== this.view?.you) this.problem(`${this.#wrong.firstElementChild!.textContent} ${t.claimLost}`);
      return false;
    }
    this.#asked++; // an older answer says no more than this
    this.#worked = Date.now();
    if (this.#pane.is?.id === is.id) {
      this.#shows(is);
      settle((at?.checkVisibility() && at.querySelector<HTMLElement>("h3")) || this.#pane.title);
    }
    if (done) this.say(done);
    return true;
  }

  #see(v: DeskView): void {
    const before = this.view;
    this.view = v;
    this.#offset = v.now - Date.now();
    this.#queue(v);
    this.#duty.show(v);
    void this.#key.show(v);
    this.#calls(before, v);
    if (!before && location.hash) void this.#look(true);
    else if (before && this.#pane.is && changed(before, v, this.#pane.is.id)) void this.#look();
  }

  #queue(v: DeskView): void {
    text(this.#count, v.open ? t.queue(v.open) : t.queueNone);
    this.#cards.show(v.cards, v.you, location.hash.slice(1), this.now());
    const behind = v.open - v.cards.length;
    this.#more.hidden = behind <= 0;
    if (behind > 0) text(this.#more, t.queueMore(behind));
    document.title = v.open ? `(${v.open}) Hearth` : "Hearth";
    this.#unheard.hidden = v.unheard === 0;
    if (v.unheard) text(this.#unheard, t.unheard(v.unheard));
    const urgent = v.cards.filter(isUrgent);
    this.#urgent.hidden = urgent.length === 0;
    const is = urgent.length ? t.urgent(urgent.length) : "";
    if (urgent[0] && this.#urgent.dataset.is !== is + urgent[0].id) {
      this.#urgent.dataset.is = is + urgent[0].id;
      this.#urgent.replaceChildren(is, " ", h("a", { href: `#${urgent[0].id}` }, t.toCase));
    }
  }

  /** What is new is called out once: the urgent at once, the rest when it suits. */
  #calls(before: DeskView | undefined, v: DeskView): void {
    const fresh = before ? newCards(before, v) : v.cards.filter(isUrgent);
    const call = (list: Card[]) => list.filter((c) => !this.#announced.has(c.id));
    const urgent = call(fresh.filter(isUrgent));
    const others = call(fresh.filter((c) => !isUrgent(c)));
    for (const c of fresh) this.#announced.add(c.id);
    if (urgent[0]) text(this.#loud, t.urgentNew(what(urgent[0])));
    if (others[0]) text(this.#polite, t.newOne(what(others[0])));
    if (urgent.length || (v.unheard > (before?.unheard ?? 0))) this.#sound.ring();
    else if (v.late > (before?.late ?? v.late)) this.#sound.ring();
  }

  #stands(up: boolean): void {
    if (up === this.#line.hidden) return;
    this.#line.hidden = up;
    if (up) {
      this.say(t.lineBack);
      void this.#look();
    } else text(this.#line, t.lineDown);
  }

  #out(): void {
    this.#pane.clear();
    this.#line.hidden = false;
    this.#line.replaceChildren(t.signedOut, " ", h("a", { href: "/sign-in?to=%2Fdesk" }, t.signIn));
  }

  /** Shows what the address names. */
  #open(): void {
    const id = location.hash.slice(1);
    attr(this, "data-open", id ? "" : null);
    this.#told.hidden = this.#wrong.hidden = true;
    if (this.#pane.is?.id !== id) this.#pane.clear();
    if (this.view) this.#cards.show(this.view.cards, this.view.you, id, this.now());
    this.#search?.show(id);
    if (id && this.view) void this.#look(true);
    else if (!id && this.view) this.#count.focus({ preventScroll: false });
  }

  /** Asks for the open case as it is now. */
  async #look(first = false): Promise<void> {
    const id = location.hash.slice(1);
    if (!id) return;
    const n = ++this.#asked;
    const c = await this.ask<CaseView>(`/desk/cases/${encodeURIComponent(id)}`);
    if (!c && first && location.hash.slice(1) === id) this.#without();
    if (!c || n !== this.#asked || location.hash.slice(1) !== id) return;
    this.#shows(c);
    if (first) this.#pane.focus();
    const back = this.#trip;
    this.#trip = undefined;
    if (back?.open !== c.id) return;
    this.#pane.restore(back.drafts);
    this.say(t.backAgain);
  }

  /** Goes back to the list from a case that isn't there. */
  #without(): void {
    const why = this.#wrong.firstElementChild!.textContent ?? "";
    history.replaceState(null, "", location.pathname);
    this.#open();
    this.problem(why);
  }

  #shows(c: CaseView): void {
    this.#pane.show(c);
  }

  /** Whoever works on a case keeps it. */
  #works(): void {
    const c = this.#pane.is;
    if (!c?.claim || c.claim.id !== this.view?.you || Date.now() - this.#worked < renew) return;
    this.#worked = Date.now();
    this.#link.active(c.id);
  }

  #tick(): void {
    if (Date.now() > this.#toldUntil) this.#told.hidden = true;
    if (document.hidden || !this.view) return;
    this.#cards.tick(this.now());
    this.#pane.tick();
    const late = this.view.cards.some((c) => isLate(c, this.now()));
    this.#urgent.classList.toggle("loud", late);
  }

  /** Signs in once more, and comes back to what was open and typed. */
  #signIn(fresh: boolean): void {
    this.#link.close();
    keep(trip, JSON.stringify({ open: location.hash.slice(1), drafts: this.#pane.drafts } satisfies Trip));
    location.assign(`/sign-in?${fresh ? "fresh=1&" : ""}to=%2Fdesk`);
  }
}

/** Whether something about the open case may be different now. */
function changed(before: DeskView, now: DeskView, id: string): boolean {
  const of = (v: DeskView) => JSON.stringify(v.cards.find((c) => c.id === id));
  return before.rev !== now.rev || of(before) !== of(now);
}

/** What was kept for the way to the sign-in, which is over now. */
function recalled(): Trip | undefined {
  try {
    const was = JSON.parse(kept(trip) ?? "null") as Trip | null;
    keep(trip, undefined);
    return was ?? undefined;
  } catch {
    return undefined;
  }
}
