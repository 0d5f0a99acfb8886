// A code from the address's fragment, put into its field: it goes to the
// house once somebody presses the button, and not by itself.

export class HearthCode extends HTMLElement {
  connectedCallback(): void {
    const field = this.querySelector<HTMLInputElement>("#code");
    if (!field) return;
    const read = () => {
      if (location.hash.length < 2) return;
      field.value = location.hash.slice(1);
      history.replaceState(null, "", location.pathname + location.search);
    };
    addEventListener("hashchange", read); // another link in this tab
    read();
    // Another language is another page, and browsers take a form's fragment along.
    const tongue = document.querySelector<HTMLFormElement>(".languages");
    tongue?.addEventListener("submit", () => (tongue.action = `/language#${field.value}`));
  }
}
