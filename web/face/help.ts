// The crisis card: everything is in the page already, so it opens with the
// line down. The country is the person's choice, kept in this tab only.
import { $ } from "./dom.ts";
import { kept, keep } from "./kept.ts";

const key = "hearth:country";

export class HearthHelp extends HTMLElement {
  connectedCallback(): void {
    const choice = this.querySelector("select")!;
    const show = () => {
      for (const el of this.querySelectorAll<HTMLElement>("[data-region]")) el.hidden = el.dataset.region !== choice.value;
    };
    const before = kept(key);
    if (before !== undefined && [...choice.options].some((o) => o.value === before)) choice.value = before;
    choice.onchange = () => {
      keep(key, choice.value);
      show();
    };
    show();
    const dialog = $<HTMLDialogElement>("help");
    for (const link of document.querySelectorAll<HTMLElement>("#open-help, [data-help]")) {
      link.setAttribute("role", "button");
      link.setAttribute("aria-haspopup", "dialog");
      const open = (e: Event) => {
        e.preventDefault();
        if (!dialog.open) dialog.showModal();
      };
      link.onclick = open;
      link.onkeydown = (e) => {
        if (e.key === " ") open(e);
      };
    }
  }
}
