// Who waits at the door, for those who may let them in: a card in the room that
// folds into a button, and the same list on the board.
import { attr, drawing, h, keyed, text } from "./dom.ts";
import type { Do } from "./acts.ts";
import type { Card } from "./cards.ts";
import { ask } from "./dialogs.ts";
import * as says from "./says-letin.ts";
import { can, keeps, type Known } from "./store.ts";
import { someone } from "./texts.ts";
import type { WaitingView, WaitView } from "./wire.ts";

/** Who waits, as far as this person may know. */
export function waiting(k: Known): WaitingView | undefined {
  return k.keep?.waiting ?? k.you.waiting;
}

const nameAt = (w: WaitView) => w.name || someone;

/** What is known of one who waits, beside the name. */
function about(w: WaitView): string {
  return [w.first && says.first, w.listen && says.listens, !w.asks && says.inLine, w.away && says.away, w.told && says.told].filter(Boolean).join(" · ");
}

export class LetIn {
  #act: Do;
  #newest = ""; // who came last: told once more
  #since = 0;
  #times = 0; // how often somebody came to an empty door: each time it is another card
  #empty = true;

  constructor(act: Do) {
    this.#act = act;
  }

  /** The card about the door; none if nobody waits. Once the circle has begun it
   * doesn't open by itself, and where the board is beside the ring it stands there. */
  cards(k: Known, wide: boolean): Card[] {
    const v = waiting(k);
    const empty = !v?.list.length;
    if (this.#empty && !empty) this.#times++;
    this.#empty = empty;
    if (empty) return [];
    for (const w of v.list) {
      if (w.since <= this.#since) continue;
      this.#newest = w.seat;
      this.#since = w.since;
    }
    return [{
      key: `door-${this.#times}`, news: this.#newest, title: this.title(v), say: v.full ? [says.fullSay] : [], fill: (el) => this.fill(el, k, v),
      close: says.fold, fold: k.room.phase === "gathering" ? "open" : "folded", beside: wide && keeps(k),
      acts: this.all(k, v) ? [{ key: "all", label: says.all, lead: true, do: () => this.admitAll() }] : [],
    }];
  }

  /** How many wait, and whether for a place. */
  title(v: WaitingView): string {
    return (v.full ? says.fullTitle : says.waiting)(v.list.length + (v.more ?? 0));
  }

  /** Whether all who wait can be let in at once. */
  all(k: Known, v: WaitingView): boolean {
    return !v.full && can(k, "admit") && v.list.filter((w) => w.asks).length > 1;
  }

  admitAll(): void {
    void this.#act("admit", {});
  }

  /** Keeps a list in step with who waits. */
  fill(list: HTMLElement, k: Known, v: WaitingView): void {
    keyed(list, v.list, (w) => w.seat, row, (el, w) => {
      const [who, letIn, more] = [...el.children] as HTMLElement[];
      text(who!.firstElementChild!, [nameAt(w), w.pronouns && `(${w.pronouns})`].filter(Boolean).join(" "));
      text(who!.lastElementChild!, about(w));
      letIn!.hidden = !w.asks || !can(k, "admit");
      attr(letIn!, "aria-label", says.letInName(nameAt(w)));
      letIn!.onclick = () => k.live && void this.#act("admit", { seat: w.seat });
      more!.hidden = !can(k, "tell") && !can(k, "remove");
      attr(more!, "aria-label", says.moreFor(nameAt(w)));
      more!.onclick = () => k.live && void this.#more(k, w);
      for (const b of [letIn!, more!]) attr(b, "aria-disabled", k.live ? null : "true");
    });
    if (v.more) list.append(h("li", { "data-key": "more" }, says.more(v.more)));
  }

  async #more(k: Known, w: WaitView): Promise<void> {
    const options: { label: string; value: () => unknown }[] = [];
    if (can(k, "tell")) options.push({ label: says.say, value: () => this.#say(k, w) });
    if (can(k, "remove")) options.push({ label: says.notTonight, value: () => this.#not(w) });
    await (await ask({ title: nameAt(w), say: about(w), options }))?.value();
  }

  async #say(k: Known, w: WaitView): Promise<void> {
    const name = nameAt(w);
    const a = await ask({
      title: says.sayTitle(name), fields: [{ name: "text", label: says.sayLabel(name), value: k.room.stick.at === "held" ? says.turn : says.soon, long: true, required: true }],
      options: [{ label: says.sayOk, value: true, lead: true }],
    });
    if (a) await this.#act("tell", { seat: w.seat, text: a.fields.text! });
  }

  async #not(w: WaitView): Promise<void> {
    if (await ask({ title: says.notTitle(nameAt(w)), say: says.notSay, options: [{ label: says.notYes, value: true }] })) await this.#act("remove", { seat: w.seat });
  }
}

function row(): HTMLElement {
  return h("li", {}, h("span", { class: "who" }, h("b", { dir: "auto" }), " ", h("small")), h("button", { type: "button", class: "button" }, says.letIn),
    h("button", { type: "button", class: "button round", "aria-haspopup": "dialog" }, drawing("more")));
}
