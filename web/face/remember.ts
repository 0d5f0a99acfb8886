// "Remember my name on this device": off unless somebody ticks it at the
// door, for this circle alone.
import { $ } from "./dom.ts";
import { keepName, nameHere } from "./device.ts";

/** Fills the door with the name that is remembered, and keeps or forgets it when somebody knocks. */
export function rememberAt(form: HTMLFormElement, circle: string): void {
  const box = $<HTMLInputElement>("remember");
  const [name, pronouns] = [$<HTMLInputElement>("name"), $<HTMLInputElement>("pronouns")];
  const before = nameHere(circle);
  box.checked = !!before;
  if (before && !name.value) [name.value, pronouns.value] = [before.name, before.pronouns];
  form.addEventListener("submit", () => {
    const now = { name: name.value.trim(), pronouns: pronouns.value.trim() };
    if (!keepName(circle, box.checked && now.name ? now : undefined)) box.checked = false;
  });
  box.addEventListener("change", () => {
    if (!box.checked) keepName(circle, undefined); // at once: nobody has to come in for it
  });
}
