/** The time zone of whoever fills the form, where none is said yet. */
export function ownZone(): void {
  const zone = document.querySelector<HTMLInputElement>("input#zone");
  if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
