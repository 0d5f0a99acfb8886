// What this device keeps beyond the tab: only what somebody asked to be kept,
// under one key for each circle. The phone may be in other hands, too, so
// "Leave quickly" empties it; nothing else in the page may use this storage.
const prefix = "hearth:kept:";

/** What somebody wrote for themselves after a gathering. */
export interface Mine {
  take: string;
  note: string;
}

/** Keeps it; false if this browser keeps nothing. */
export function keepHere(circle: string, m: Mine): boolean {
  try {
    localStorage.setItem(prefix + circle, JSON.stringify(m));
    return true;
  } catch {
    return false;
  }
}

/** What is kept of a circle, if it is anything. */
export function keptHere(circle: string): Mine | undefined {
  try {
    const { take, note } = JSON.parse(localStorage.getItem(prefix + circle) ?? "{}") as Partial<Mine>;
    const m = { take: String(take ?? ""), note: String(note ?? "") };
    return m.take || m.note ? m : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets what is kept of a circle; of all of them without one. */
export function forgetHere(circle?: string): void {
  try {
    for (const key of Object.keys(localStorage)) {
      if (circle === undefined ? key.startsWith(prefix) : key === prefix + circle) localStorage.removeItem(key);
    }
  } catch {
    // Nothing was kept.
  }
}
