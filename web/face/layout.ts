// How much room there is, in the size of the text: a bigger letter makes the
// same screen smaller. CSS reads the classes; the board asks `wide`.

export interface Layout {
  wide: boolean; // the board fits at the side
  ring: number; // so many seats fit in a ring
}

/** Watches the window and the size of the text; calls back on every change. */
export function watchLayout(changed: (l: Layout) => void): Layout {
  const now: Layout = { wide: false, ring: 0 };
  const measure = () => {
    const em = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const w = innerWidth / em;
    const h = innerHeight / em;
    const low = h < 22 || (w < 40 && h < 32);
    const beside = !low && h < 40 && w >= 40;
    const classes = { low, roomy: !low, beside, short: h < 46, narrow: w < 24, wide: w >= 60 };
    for (const [name, on] of Object.entries(classes)) document.body.classList.toggle(name, on);
    Object.assign(now, { wide: w >= 60, ring: seats(w, h, beside) });
    changed(now);
  };
  const letter = document.createElement("span"); // its size is the text's
  letter.className = "letter";
  document.body.append(letter);
  measure();
  new ResizeObserver(measure).observe(letter);
  addEventListener("resize", measure);
  return now;
}

/** How many seats stand in a ring without touching each other or the prompt; more stand in rows. */
function seats(w: number, h: number, beside: boolean): number {
  if (beside) return w >= 75 && h >= 36 ? 12 : 0;
  if (w < 22.5 || h < 40) return 0;
  if (h < 46) return 6;
  return w >= 60 ? 14 : 12;
}
