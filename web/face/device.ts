// What this device keeps beyond the tab: only what somebody asked to be kept,
// under keys of each circle. The phone may be in other hands, too, so
// "Leave quickly" empties it; nothing else in the page may use this storage.
const prefix = "hearth:kept:";
const names = "hearth:name:";

/** The database of a moderator's own key, for modkey.ts. */
export const keyShelf = "hearth-desk";

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

/** How somebody wants to be called. */
export interface Called {
  name: string;
  pronouns: string;
}

/** Keeps a name for a circle, or forgets it; false if this browser keeps nothing. */
export function keepName(circle: string, c: Called | undefined): boolean {
  try {
    if (c) localStorage.setItem(names + circle, JSON.stringify(c));
    else localStorage.removeItem(names + circle);
    return true;
  } catch {
    return false;
  }
}

/** The name kept for a circle, if one is. */
export function nameHere(circle: string): Called | undefined {
  try {
    const { name, pronouns } = JSON.parse(localStorage.getItem(names + circle) ?? "{}") as Partial<Called>;
    return name ? { name: String(name), pronouns: String(pronouns ?? "") } : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets what somebody wrote about a circle; without one, everything of every circle. */
export function forgetHere(circle?: string): void {
  forget((key) => (circle === undefined ? key.startsWith(prefix) || key.startsWith(names) : key === prefix + circle));
}

/** Forgets all that is kept of one circle. */
export function forgetCircle(circle: string): void {
  forget((key) => key === prefix + circle || key === names + circle);
}

/** Forgets a moderator's own key, of whoever signed in here. Others' keys and the organisation's still open what was sealed. */
export function forgetKeys(): void {
  try {
    indexedDB.deleteDatabase(keyShelf);
  } catch {
    // Nothing was kept.
  }
}

function forget(which: (key: string) => boolean): void {
  try {
    for (const key of Object.keys(localStorage)) if (which(key)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
