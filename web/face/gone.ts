// After "forget me in this circle": what this device and this tab kept of it.
import { forgetCircle } from "./device.ts";
import { keep } from "./kept.ts";

export class HearthGone extends HTMLElement {
  connectedCallback(): void {
    forgetCircle(this.dataset.circle ?? "");
    for (const handle of (this.dataset.handles ?? "").split(" ")) if (handle) keep(`hearth:${handle}`, undefined);
  }
}
