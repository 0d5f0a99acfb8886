// One question at a time, in a native dialog: the browser keeps the focus
// inside and gives it back.
import { $, h } from "./dom.ts";
import * as texts from "./texts.ts";

export interface Option<V> {
  label: string;
  value: V;
  lead?: boolean;
}

export interface Field {
  name: string;
  label: string;
  value?: string;
  long?: boolean;
  choices?: Record<string, string>; // value to label: one of these
  required?: boolean;
}

type Input = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export interface Question<V> {
  title: string;
  say?: string;
  fields?: Field[];
  options: Option<V>[];
  no?: string; // the way back out
}

/** Asks, and resolves to the answer with what the fields hold; undefined if the person went back. */
export function ask<V>(q: Question<V>): Promise<{ value: V; fields: Record<string, string> } | undefined> {
  const dialog = $<HTMLDialogElement>("ask");
  const fields = (q.fields ?? []).map(field);
  const inputs = fields.map((f) => f.lastElementChild as Input);
  return new Promise((resolve) => {
    let answer: { value: V; fields: Record<string, string> } | undefined;
    const give = (value: V) => {
      const empty = inputs.find((i) => i.required && !i.value.trim());
      if (empty) return empty.focus();
      answer = { value, fields: Object.fromEntries(inputs.map((i) => [i.name, i.value.trim()])) };
      dialog.close();
    };
    const options = q.options.map((o) => h("button", { type: "button", class: `button${o.lead ? " lead" : ""}`, click: () => give(o.value) }, o.label));
    const form = h("form", { class: "stack", submit: (e) => {
      e.preventDefault();
      give(q.options[0]!.value);
    } }, ...fields, h("div", { class: "options" }, ...options, h("button", { type: "button", class: "button", click: () => dialog.close() }, q.no ?? texts.cancel)));
    const title = h("h2", { id: "ask-title", tabindex: "-1", autofocus: inputs.length === 0 }, q.title);
    inputs[0]?.setAttribute("autofocus", "");
    dialog.replaceChildren(title, q.say ? h("p", {}, q.say) : "", form);
    dialog.onclose = () => {
      dialog.replaceChildren(); // what was typed doesn't stay behind
      resolve(answer);
    };
    if (dialog.open) dialog.close();
    dialog.showModal();
  });
}

function field(f: Field): HTMLElement {
  const props = { id: `ask-${f.name}`, name: f.name, required: f.required ?? false, autocomplete: "off" };
  const input: Input = f.choices ? h("select", props, ...Object.entries(f.choices).map(([value, label]) => h("option", { value }, label)))
    : f.long ? h("textarea", { ...props, rows: "4" }) : h("input", props);
  if (!f.choices) input.value = f.value ?? "";
  return h("div", {}, h("label", { for: props.id }, f.label), input);
}

/** Closes whatever is asked or open. */
export function closeAll(): void {
  for (const d of document.querySelectorAll("dialog[open]")) (d as HTMLDialogElement).close();
}
