// Waiting at the door: one's own door, and nothing of the room.
import { $, text } from "./dom.ts";
import * as says from "./says-door.ts";
import type { DoorView } from "./wire.ts";

export { isIn, lineDown, notTonight, notTonightSay } from "./says-door.ts";

let heard = "";

/** Shows the door as it is now; returns what is new, to be announced. */
export function showDoor(d: DoorView): string {
  text($("waiting-title"), d.asks ? says.atDoor : says.inLine);
  text($("waiting-say"), !d.asks ? says.full : d.full ? `${says.lets} ${says.letsFull}` : says.lets);
  text($("waiting-called"), d.name ? says.called(d.name) : "");
  const told = d.told ?? "";
  $("waiting-told").hidden = !told;
  text($("waiting-words"), told);
  const fresh = told && told !== heard ? `${says.from}: ${told}` : "";
  heard = told;
  return fresh;
}

/** Says that the line is down, or no more. */
export function doorLine(say: string): void {
  text($("waiting-line"), say);
  $("waiting-line").hidden = !say;
}
