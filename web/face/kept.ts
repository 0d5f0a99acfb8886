// What this tab keeps: it survives a reload, ends with the tab, and goes at
// once with "Leave quickly", as does what device.ts keeps longer. A browser
// that refuses it keeps nothing.
import { forgetHere, forgetKeys } from "./device.ts";

export function keep(key: string, value: string | undefined): void {
  try {
    if (value === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Storage is switched off: the tab forgets, nothing else changes.
  }
}

export function kept(key: string): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function forgetAll(): void {
  forgetHere();
  forgetKeys();
  try {
    sessionStorage.clear();
  } catch {
    // Nothing was kept.
  }
}
