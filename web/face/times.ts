// The house says a time on the clocks where the circle is. This adds what
// that is on the reader's own, if theirs show another. The zone stays here.

/** Adds the reader's own time to every <time> that asks for it. */
export function yourTimes(): void {
  const lang = document.documentElement.lang;
  const tongue = lang === "en" ? "en-GB" : lang; // as the house writes days: 24 November
  for (const el of document.querySelectorAll<HTMLTimeElement>("time[data-yours]")) {
    const at = new Date(el.dateTime);
    const there = inWords(at, tongue, el.dataset.zone);
    const here = inWords(at, tongue);
    if (!here || here === there) continue;
    const yours = document.createElement("span");
    yours.className = "yours";
    yours.textContent = el.dataset.yours!.replace("{time}", here);
    (el.parentElement ?? el).append(" ", yours);
  }
}

/** A time in words, "" for one that is none. A zone this browser doesn't know is the reader's. */
function inWords(at: Date, tongue: string, timeZone?: string): string {
  const form: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return new Intl.DateTimeFormat(tongue, { ...form, timeZone }).format(at);
  } catch {
    return timeZone ? inWords(at, tongue) : "";
  }
}
