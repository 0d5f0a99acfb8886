// The way in: the code is in the URL's fragment, which no server and no log
// sees. It is traded by a real form, and taken out of the address first.
import { keep, kept } from "./kept.ts";

const key = "hearth:code"; // until the door opens: who comes early tries again

export class HearthEnter extends HTMLElement {
  connectedCallback(): void {
    const form = this.querySelector("form")!;
    const field = form.querySelector<HTMLInputElement>("#code")!;
    form.addEventListener("submit", () => {
      field.value = codeIn(field.value);
      keep(key, field.value);
    });
    if (this.hasAttribute("data-closed")) field.value = kept(key) ?? "";
    else keep(key, undefined);
    addEventListener("hashchange", () => this.#fromAddress(form, field)); // another link in this tab
    this.#fromAddress(form, field);
  }

  #fromAddress(form: HTMLFormElement, field: HTMLInputElement): void {
    if (location.hash.length < 2) return;
    field.value = codeIn(location.hash);
    history.replaceState(null, "", location.pathname);
    const opening = this.querySelector<HTMLElement>("#opening");
    if (opening) opening.hidden = false;
    form.hidden = true;
    form.requestSubmit();
  }
}

/** The door is open: the code has done its work. */
export function forgetCode(): void {
  keep(key, undefined);
}

/** The code in a code or in a whole link. */
function codeIn(pasted: string): string {
  return pasted.slice(pasted.lastIndexOf("#") + 1).trim();
}
