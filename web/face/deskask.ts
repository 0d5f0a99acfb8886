// What parts of the desk are made of: a field with its label, a choice, and
// one question before what can't be done by a slip.
import { attr, h } from "./dom.ts";
import type { CaseView, DeskView } from "./deskwire.ts";
import * as t from "./says-desk.ts";

/** What a part of the desk may ask of the whole. */
export interface Desk {
  readonly view: DeskView | undefined;
  now(): number;
  /** Changes something under the open case's address, shows what it is then, and says so; false: refused, which was said. */
  change(what: string, body: object, done: string): Promise<boolean>;
  /** Asks anything else; undefined: refused, which was said. */
  ask<T>(path: string, body?: object): Promise<T | undefined>;
  say(text: string): void;
  problem(text: string): void;
}

/** A part of an open case. */
export interface Part {
  readonly el: HTMLElement;
  show(c: CaseView): void;
}

let made = 0;
/** An id for something in the page. */
export const nextId = (of: string): string => `${of}-${++made}`;

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** A field under its label, with a hint that is read with it. */
export function field(label: string, input: Input, hint?: HTMLElement | string): HTMLElement {
  input.id ||= nextId("field");
  const say = typeof hint === "string" ? h("p", { class: "small" }, hint) : hint;
  if (say) {
    say.id ||= nextId("hint");
    attr(input, "aria-describedby", say.id);
  }
  return h("div", { class: "ask" }, h("label", { for: input.id }, label), input, say);
}

/** A choice of one; values are told apart, what is read may be the same. */
export function pick(options: (readonly [value: string, label: string])[]): HTMLSelectElement {
  return h("select", { autocomplete: "off" }, ...options.map(([value, label]) => h("option", { value }, label)));
}

/** One of a few, each with a sentence of its own. */
export function radios(name: string, options: [value: string, label: string, hint?: string][], chosen: (value: string) => void): HTMLElement[] {
  return options.map(([value, label, hint]) =>
    h("label", {}, h("input", { type: "radio", name, value, autocomplete: "off", change: () => chosen(value) }), h("span", {}, label, hint ? h("small", {}, hint) : "")));
}

/** A button that does one thing at a time. */
export function button(label: string, click: () => unknown, kind = ""): HTMLButtonElement {
  const b: HTMLButtonElement = h("button", {
    type: "button", class: `button ${kind}`.trim(),
    click: () => {
      if (b.getAttribute("aria-disabled") === "true") return;
      const r = click();
      if (!(r instanceof Promise)) return;
      attr(b, "aria-disabled", "true");
      void r.finally(() => attr(b, "aria-disabled", null));
    },
  }, label);
  return b;
}

/** Asks once more, in a native dialog: the browser keeps the focus inside and gives it back. */
export function sure(q: { title: string; say: string; yes: string }): Promise<boolean> {
  return new Promise((resolve) => {
    let yes = false;
    const title = h("h2", { id: nextId("sure") }, q.title);
    const dialog = h("dialog", { "aria-labelledby": title.id, close: () => {
      dialog.remove();
      resolve(yes);
    } }, title, h("p", {}, q.say), h("div", { class: "options" },
      h("button", { type: "button", class: "button", autofocus: true, click: () => dialog.close() }, t.cancel),
      h("button", { type: "button", class: "button lead", click: () => {
        yes = true;
        dialog.close();
      } }, q.yes)));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Gives the focus to a heading when what had it is there no more; nothing scrolls for that. */
export function settle(heading: HTMLElement): void {
  const on = document.activeElement;
  if (on && on !== document.body && on.checkVisibility()) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

/** Says what a field lacks, beside it; the first that does takes the focus. */
export function lacks(input: Input, say: string): boolean {
  const box = input.closest(".ask")!;
  let p = box.querySelector<HTMLElement>(".problem");
  if (!say) {
    p?.remove();
    attr(input, "aria-invalid", null);
    const was = input.getAttribute("aria-describedby")?.split(" ").filter((id) => !id.startsWith("lack")) ?? [];
    attr(input, "aria-describedby", was.join(" ") || null);
    return false;
  }
  if (!p) {
    p = h("p", { class: "problem", id: nextId("lack") });
    box.append(p);
    attr(input, "aria-describedby", [input.getAttribute("aria-describedby"), p.id].filter(Boolean).join(" "));
  }
  p.textContent = say;
  attr(input, "aria-invalid", "true");
  return true;
}
