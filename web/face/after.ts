// What one writes for oneself at the end. It stays in the page, and goes with
// it, unless the person ticks that this device keeps it.
import { $, text } from "./dom.ts";
import { forgetHere, keepHere, keptHere } from "./device.ts";
import * as texts from "./texts.ts";

/** Makes the fields of the page after the close work. */
export function forYourself(circle: string): void {
  const take = $<HTMLTextAreaElement>("take-away");
  const note = $<HTMLTextAreaElement>("to-self");
  const box = $<HTMLInputElement>("keep-here");
  const forget = $("forget-here");
  const keep = () => {
    if (!box.checked) return;
    const mine = { take: take.value.trim(), note: note.value.trim() };
    if (!mine.take && !mine.note) forgetHere(circle);
    else if (!keepHere(circle, mine)) {
      box.checked = false;
      return text($("kept-says"), texts.device.refuses);
    }
    show();
  };
  const show = () => {
    const kept = !!keptHere(circle);
    forget.hidden = !kept;
    text($("kept-says"), kept ? texts.device.kept : "");
  };
  const gone = () => {
    forgetHere(circle);
    box.checked = false;
    forget.hidden = true;
    text($("kept-says"), texts.device.gone);
  };
  take.oninput = note.oninput = keep;
  box.onchange = () => (box.checked ? keep() : gone());
  forget.onclick = () => {
    gone();
    box.focus();
  };
  show();
}
