// Who is on call, and the sound that calls whoever sits here. It is silent
// until somebody turns it on: browsers want that, and so do people.
import { h, text } from "./dom.ts";
import { button, field, pick, type Desk } from "./deskask.ts";
import { when } from "./deskwords.ts";
import * as t from "./says-desk.ts";
import { bounds, type DeskView } from "./deskwire.ts";

const usual = 4; // hours

export class Duty {
  readonly el: HTMLElement;
  #desk: Desk;
  #who = h("p", { class: "on-call" });
  #hours = pick(Array.from({ length: bounds.dutyHours }, (_, i) => [String(i + 1), t.dutyHours(i + 1)]));
  #start: HTMLButtonElement;
  #stop: HTMLButtonElement;
  #shift = h("details", {});
  #to = pick([]);
  #nobody = h("p", { class: "small" }, t.nobodyElse);
  #give: HTMLFormElement;

  constructor(desk: Desk) {
    this.#desk = desk;
    this.#hours.value = String(usual);
    this.#start = button(t.dutyStart, () => this.#set(Number(this.#hours.value)));
    this.#stop = button(t.dutyStop, () => this.#set(0));
    this.#give = h("form", { class: "stack", submit: (e) => {
      e.preventDefault();
      void this.#shifts();
    } }, field(t.shiftTo, this.#to, t.shiftSay), h("p", {}, h("button", { class: "button" }, t.shift)));
    this.#shift.append(h("summary", {}, t.shift), this.#nobody, this.#give);
    this.el = h("section", { class: "duty", "aria-labelledby": "duty-title" }, h("h2", { id: "duty-title" }, t.dutyTitle), this.#who,
      h("div", { class: "duty-set" }, field(t.dutyFor, this.#hours), this.#start, this.#stop), this.#shift);
  }

  show(v: DeskView): void {
    const now = this.#desk.now();
    const on = v.duty.filter((d) => d.until > now);
    const you = on.some((d) => d.id === v.you);
    text(this.#who, on.length ? on.map((d) => (d.id === v.you ? t.dutyYou(when(d.until, now)) : t.dutyOther(d.name, when(d.until, now)))).join(" · ") : t.dutyNobody);
    this.#who.classList.toggle("care", on.length === 0);
    text(this.#start, you ? t.dutyLonger : t.dutyStart);
    this.#stop.hidden = !you;
    this.#shift.hidden = !you && !v.cards.some((c) => c.claim?.id === v.you); // there is no shift to hand over
    const others = v.people.filter((p) => p.id !== v.you);
    this.#give.hidden = others.length === 0;
    this.#nobody.hidden = others.length > 0;
    if (this.#to.options.length !== others.length) this.#to.replaceChildren(...others.map((p) => h("option", { value: p.id }, p.name)));
  }

  async #set(hours: number): Promise<void> {
    const v = await this.#desk.ask<DeskView>("/desk/duty", { hours });
    if (v) this.#desk.say(hours ? t.dutyOn(when(this.#desk.now() + hours * 3_600_000, this.#desk.now())) : t.dutyOff);
  }

  async #shifts(): Promise<void> {
    const name = this.#to.selectedOptions[0]?.text ?? "";
    if (!(await this.#desk.ask("/desk/shift", { to: this.#to.value })) || !(await this.#desk.ask("/desk/duty", { hours: 0 }))) return;
    (this.#shift as HTMLDetailsElement).open = false;
    this.#shift.querySelector("summary")!.focus();
    this.#desk.say(t.shiftDone(name));
  }
}

/** Two soft tones, once somebody has asked for them. */
export class Sound {
  readonly button: HTMLButtonElement;
  #audio: AudioContext | undefined;

  constructor(say: (text: string) => void) {
    this.button = button(t.soundOn, () => {
      if (this.#audio) {
        void this.#audio.close();
        this.#audio = undefined;
      } else {
        this.#audio = new AudioContext();
        this.ring();
      }
      text(this.button, this.#audio ? t.soundOff : t.soundOn);
      say(this.#audio ? t.soundIsOn : t.soundIsOff);
    });
    this.button.setAttribute("data-sound", "");
  }

  ring(): void {
    const a = this.#audio;
    if (!a) return;
    [523, 659].forEach((pitch, i) => {
      const at = a.currentTime + i * 0.35;
      const tone = a.createOscillator();
      const loud = a.createGain();
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0, at);
      loud.gain.linearRampToValueAtTime(0.25, at + 0.04);
      loud.gain.exponentialRampToValueAtTime(0.001, at + 0.9);
      tone.connect(loud).connect(a.destination);
      tone.start(at);
      tone.stop(at + 1);
    });
  }
}
