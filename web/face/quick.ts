// Leave quickly: the button in the corner, or Shift three times.
import { $ } from "./dom.ts";
import { forgetAll } from "./kept.ts";

const within = 1500; // ms for three presses
const closers: (() => void)[] = [];

/** Has something closed when somebody leaves quickly. */
export function onLeave(close: () => void): void {
  closers.push(close);
}

function leave(to: string): void {
  for (const close of closers) close();
  forgetAll();
  // Only the house can take its cookies back; it is asked on the way out.
  fetch("/forget", { method: "POST", keepalive: true }).catch(() => undefined);
  document.documentElement.replaceChildren();
  location.replace(to);
}

/** Makes the corner button and the keys work. */
export function quick(): void {
  const button = $<HTMLAnchorElement>("leave-quickly");
  const to = button.href;
  button.onclick = (e) => {
    e.preventDefault();
    leave(to);
  };
  let pressed: number[] = [];
  addEventListener("keydown", (e) => {
    if (e.key !== "Shift") pressed = [];
    else if (!e.repeat) pressed = [...pressed.filter((t) => e.timeStamp - t < within), e.timeStamp];
    if (pressed.length >= 3) leave(to);
  }, true);
}
