// The way to an answer: its code is in the address's fragment, as an
// invite's, and goes to the house by a real form.

export class HearthAnswer extends HTMLElement {
  connectedCallback(): void {
    const form = this.querySelector("form");
    const field = form?.querySelector<HTMLInputElement>("#code");
    if (!form || !field) return;
    const read = () => {
      if (location.hash.length < 2) return;
      field.value = location.hash.slice(1);
      history.replaceState(null, "", location.pathname);
      form.requestSubmit();
    };
    addEventListener("hashchange", read); // another link in this tab
    read();
  }
}

/** A text to copy, and a button for it where the browser can. */
export class HearthCopy extends HTMLElement {
  connectedCallback(): void {
    const field = this.querySelector<HTMLInputElement | HTMLTextAreaElement>("input, textarea")!;
    const button = this.querySelector("button")!;
    const said = this.querySelector<HTMLElement>("[role=status]")!;
    field.onfocus = () => field.select();
    button.hidden = !(navigator.clipboard as Clipboard | undefined);
    button.onclick = async () => {
      await navigator.clipboard.writeText(field.value).catch(() => field.focus());
      said.hidden = document.activeElement === field;
    };
  }
}
