// Working by keyboard. The keys rest while somebody types, while a question
// is open, and for whoever turns them off (WCAG 2.1.4).
import { h } from "./dom.ts";
import { button } from "./deskask.ts";
import type { CasePane } from "./deskcase.ts";
import type { Cards } from "./deskqueue.ts";
import * as t from "./says-desk.ts";
import { keep, kept } from "./kept.ts";

const off = "hearth:desk-keys";
const typing = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";

export class Keyboard {
  readonly button: HTMLButtonElement;
  readonly dialog: HTMLDialogElement;
  #list: () => Cards;
  #pane: CasePane;

  constructor(list: () => Cards, pane: CasePane) {
    this.#list = list;
    this.#pane = pane;
    const use = h("input", { type: "checkbox", checked: kept(off) !== "off", change: () => keep(off, use.checked ? undefined : "off") });
    const keys: [string, string][] = [
      ["j", t.keysDown], ["k", t.keysUp], ["Enter", t.keysOpen], ["c", t.keysClaim], ["e", t.keysEvidence], ["n", t.keysNote], ["Esc", t.keysBack], ["?", t.keysHelpKey],
    ];
    this.dialog = h("dialog", { "aria-labelledby": "keys-title" }, h("h2", { id: "keys-title" }, t.keysTitle),
      h("dl", { class: "keys" }, ...keys.map(([k, say]) => h("div", {}, h("dt", {}, h("kbd", {}, k)), h("dd", {}, say)))), h("p", { class: "small" }, t.keysSay),
      h("label", { class: "check" }, use, t.keysUse), h("div", { class: "options" }, button(t.close, () => this.dialog.close())));
    this.button = button(t.keysHelp, () => this.dialog.showModal());
    addEventListener("keydown", (e) => this.#key(e));
  }

  #key(e: KeyboardEvent): void {
    const on = e.target as HTMLElement;
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || kept(off) === "off" || document.querySelector("dialog[open]")) return;
    if (on.closest?.(typing)) {
      if (e.key === "Escape") this.#pane.focus(); // out of the field; nothing is lost
      return;
    }
    if ((e.key === "ArrowDown" || e.key === "ArrowUp") && !on.closest?.(".case-list")) return; // the page scrolls
    const does: Record<string, () => unknown> = {
      "j": () => this.#list().move(1), "ArrowDown": () => this.#list().move(1),
      "k": () => this.#list().move(-1), "ArrowUp": () => this.#list().move(-1),
      "c": () => this.#pane.claim(), "e": () => this.#pane.open(), "n": () => this.#pane.note(),
      "?": () => this.dialog.showModal(), "Escape": () => location.hash && (location.hash = ""),
    };
    if (!does[e.key]) return;
    e.preventDefault();
    void does[e.key]!();
  }
}
