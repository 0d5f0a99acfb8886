// Past cases, found by facts alone.
import { h, text } from "./dom.ts";
import { button, field, pick, type Desk } from "./deskask.ts";
import { Cards } from "./deskqueue.ts";
import { categories, doings } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { bounds, type Action, type Card, type DeskCases } from "./deskwire.ts";

const dayLong = 86_400_000;

export class Search {
  readonly el = h("details", { class: "search" });
  #desk: Desk;
  #cards = new Cards();
  #found: Card[] = [];
  #says = h("p", { class: "small", role: "status" });
  #older: HTMLButtonElement;
  #by = pick([["", t.searchAny]]);
  #asked = new URLSearchParams();

  constructor(desk: Desk, circles: [string, string][]) {
    this.#desk = desk;
    this.#older = button(t.searchMore, () => this.#find(true));
    this.#older.hidden = true;
    const any = ["", t.searchAny] as const;
    const named = <E extends HTMLInputElement | HTMLSelectElement>(name: string, el: E) => Object.assign(el, { name });
    const form = h("form", { class: "filters", submit: (e) => {
      e.preventDefault();
      this.#ask(form);
      void this.#find(false);
    } },
      field(t.searchNumber, named("n", h("input", { type: "number", inputmode: "numeric", min: 1 }))),
      field(t.searchKind, named("kind", pick([any, ["care", t.searchCare], ["conduct", t.searchConduct], ["notice", t.searchNotice], ["appeal", t.searchAppeal]]))),
      field(t.searchCategory, named("category", pick([any, ...Object.entries(categories)]))),
      field(t.searchCircle, named("circle", pick([any, ...circles]))),
      field(t.searchAction, named("action", pick([any, ...(Object.keys(doings) as Action[]).map((a) => [a, doings[a].name] as const)]))),
      field(t.searchBy, named("by", this.#by)),
      field(t.searchFrom, named("from", h("input", { type: "date" }))),
      field(t.searchTo, named("to", h("input", { type: "date" }))),
      h("button", { class: "button" }, t.searchGo));
    this.el.append(h("summary", {}, t.search), h("section", { class: "stack", "aria-labelledby": "search-title" }, h("h3", { id: "search-title" }, t.searchTitle), h("p", { class: "small" }, t.searchSay),
      form, this.#says, this.#cards.el, h("p", {}, this.#older)));
    this.el.ontoggle = () => this.#who();
  }

  /** Marks the one that is open. */
  show(open: string): void {
    if (this.#found.length) this.#cards.show(this.#found, this.#desk.view?.you ?? "", open, this.#desk.now());
  }

  #who(): void {
    const people = this.#desk.view?.people ?? [];
    if (this.#by.options.length !== people.length + 1) this.#by.replaceChildren(h("option", { value: "" }, t.searchAny), ...people.map((p) => h("option", { value: p.id }, p.name)));
  }

  #ask(form: HTMLFormElement): void {
    this.#asked = new URLSearchParams();
    for (const [name, v] of new FormData(form)) {
      if (typeof v !== "string" || !v) continue;
      const day = name === "from" || name === "to" ? new Date(`${v}T00:00`).getTime() + (name === "to" ? dayLong : 0) : undefined;
      this.#asked.set(name, day === undefined ? v : String(day));
    }
  }

  async #find(more: boolean): Promise<void> {
    if (more && this.#found.length) this.#asked.set("before", String(this.#found.at(-1)!.n));
    else this.#asked.delete("before");
    const got = await this.#desk.ask<DeskCases>(`/desk/search?${this.#asked}`);
    if (!got) return;
    this.#found = more ? [...this.#found, ...got.cases] : got.cases;
    this.#older.hidden = got.cases.length < bounds.found || this.#asked.has("n");
    text(this.#says, this.#found.length ? t.searchFound(this.#found.length) : t.searchNone);
    this.#cards.show(this.#found, this.#desk.view?.you ?? "", location.hash.slice(1), this.#desk.now());
  }
}
