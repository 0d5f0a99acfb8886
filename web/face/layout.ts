// How much room there is, in the size of the text: a bigger letter makes the
// same screen smaller. CSS reads the classes; the board asks `wide`.

export interface Layout {
  wide: boolean; // the board fits at the side
  ring: boolean; // a ring fits
}

/** Watches the window and the size of the text; calls back on every change. */
export function watchLayout(changed: (l: Layout) => void): Layout {
  const now: Layout = { wide: false, ring: false };
  const measure = () => {
    const em = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const w = innerWidth / em;
    const h = innerHeight / em;
    const low = h < 22 || (w < 40 && h < 32);
    const classes = { low, roomy: !low, beside: !low && h < 40 && w >= 40, narrow: w < 24, wide: w >= 60 };
    for (const [name, on] of Object.entries(classes)) document.body.classList.toggle(name, on);
    Object.assign(now, { wide: w >= 60, ring: w >= 22.5 && h >= 40 });
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
