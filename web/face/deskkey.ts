// The key of this browser: explained, made, and told to the server.
import { h, text } from "./dom.ts";
import { button, type Desk } from "./deskask.ts";
import * as t from "./says-desk.ts";
import { ownKey } from "./modkey.ts";
import type { DeskView } from "./deskwire.ts";

export class KeyCard {
  readonly el: HTMLElement;
  #desk: Desk;
  #elsewhere = h("p", { class: "care" });
  #make: HTMLButtonElement;
  #known = ""; // the keys that were looked at
  #id: string | undefined;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#make = button(t.keyMake, () => this.#made(), "lead");
    this.el = h("section", { class: "card key-card", "aria-labelledby": "key-title", hidden: true }, h("h2", { id: "key-title" }, t.keyTitle),
      h("p", {}, t.keySay), h("p", { class: "small" }, t.keyMore), this.#elsewhere, h("p", {}, this.#make));
  }

  /** Is there as long as reports can't be sealed to this browser. */
  async show(v: DeskView): Promise<void> {
    const is = `${v.you} ${v.keys.join(" ")}`;
    if (is === this.#known) return;
    this.#known = is;
    this.#id ??= (await ownKey(v.you))?.id;
    if (this.#id && v.keys.includes(this.#id)) {
      this.el.hidden = true;
      return;
    }
    text(this.#elsewhere, this.#id === undefined ? t.keyNo : t.keyElsewhere(v.keys.length));
    this.#elsewhere.hidden = this.#id !== undefined && v.keys.length === 0;
    this.#make.hidden = this.#id === undefined;
    this.el.hidden = false;
  }

  async #made(): Promise<void> {
    const key = await ownKey(this.#desk.view?.you ?? "");
    if (key && (await this.#desk.ask("/desk/keys", { raw: key.raw }))) {
      this.el.hidden = true;
      this.#desk.say(t.keyMade);
    }
  }
}
