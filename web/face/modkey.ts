// A moderator's own key, in this browser alone: its private half can be used
// here and read by nobody, also not by this page. Reports are sealed to it; see
// package moderation. Whoever empties the browser, or leaves quickly, can't open
// older reports in it any more: others still can.
import type { Body, Sealed } from "./deskwire.ts";
import { keyShelf } from "./device.ts";
import { openGCM, openSealed } from "./hpke.ts";

/** A key as the server knows it: POST /desk/keys takes its raw. */
export interface OwnKey {
  id: string;
  raw: string; // base64 of 65 bytes
}

interface Pair {
  own: CryptoKey;
  raw: ArrayBuffer;
}

const shelf = "own";

function database(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(keyShelf, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(shelf);
    asked.onsuccess = () => done(asked.result);
    asked.onerror = asked.onblocked = () => fail(new Error("this browser keeps nothing"));
  });
}

/** Does something with the shelf, and answers once it lasts. */
async function keep<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore, answer: (v: T) => void) => void): Promise<T | undefined> {
  const db = await database();
  try {
    return await new Promise<T | undefined>((done, fail) => {
      const step = db.transaction(shelf, mode, { durability: "strict" });
      let is: T | undefined;
      act(step.objectStore(shelf), (v) => { is = v; });
      step.oncomplete = () => done(is);
      step.onabort = step.onerror = () => fail(new Error("this browser keeps nothing"));
    });
  } finally {
    db.close();
  }
}

function kept(person: string): Promise<Pair | undefined> {
  return keep<Pair>("readonly", (s, answer) => {
    const asked = s.get(person);
    asked.onsuccess = () => answer(asked.result as Pair);
  });
}

/** Makes a pair, unless another tab was faster: then it is that one's. */
async function make(person: string): Promise<Pair | undefined> {
  const fresh = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
  const pair: Pair = { own: fresh.privateKey, raw: await crypto.subtle.exportKey("raw", fresh.publicKey) };
  return keep<Pair>("readwrite", (s, answer) => {
    const asked = s.get(person);
    asked.onsuccess = () => {
      answer((asked.result as Pair | undefined) ?? pair);
      if (!asked.result) s.put(pair, person);
    };
  });
}

/** The first 12 bytes of SHA-256, as moderation.KeyID says. */
async function idOf(raw: ArrayBuffer): Promise<string> {
  return base64(new Uint8Array(await crypto.subtle.digest("SHA-256", raw), 0, 12)).replaceAll("+", "-").replaceAll("/", "_");
}

/**
 * The key of whoever is signed in (DeskView.you), made the first time. Nothing
 * if this browser keeps none, as some do in private windows: a key that ends
 * with the tab would push one that lasts off the server.
 */
export async function ownKey(person: string): Promise<OwnKey | undefined> {
  try {
    const pair = (await kept(person)) ?? (await make(person));
    return pair && { id: await idOf(pair.raw), raw: base64(new Uint8Array(pair.raw)) };
  } catch {
    return undefined;
  }
}

/** What is sealed; nothing if this browser's key does not open it. */
export async function open(sealed: Sealed, person: string): Promise<Body | undefined> {
  try {
    const pair = await kept(person);
    const id = pair && (await idOf(pair.raw));
    const box = sealed.v === 1 ? sealed.to.find((w) => w.key === id) : undefined;
    if (!pair || !box) return undefined;
    const key = await openSealed(pair.own, new Uint8Array(pair.raw), bytes(box.enc), "hearth report 1", bytes(box.box));
    const body = bytes(sealed.body);
    return JSON.parse(new TextDecoder().decode(await openGCM(key, body.slice(0, 12), body.slice(12)))) as Body;
  } catch {
    return undefined;
  }
}

/** Forgets somebody's key: what is sealed to it alone nobody opens again. */
export async function forgetKey(person: string): Promise<void> {
  await keep("readwrite", (s) => s.delete(person)).catch(() => undefined);
}

function base64(b: Uint8Array): string {
  return btoa(String.fromCharCode(...b));
}

function bytes(s: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
}
