// Keeps the crisis card on this device, and shows it instead of a page when
// the house can't be reached. It keeps the card and the card's stylesheet,
// nothing else, and touches nothing but pages that are only looked at: what a
// form sends goes its own way, so that the house sees where it comes from.
//
// The house writes style and version before this; language is in the address.
declare const style: string;
declare const version: string;

interface Waiting extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Event {
  request: Request;
  preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}

interface Worker {
  registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (e: Waiting) => void): void;
  addEventListener(type: "fetch", listener: (e: Fetching) => void): void;
}

export {}; // a module of its own, not everybody's names

const worker = self as unknown as Worker;
const tongue = new URL(location.href).searchParams.get("lang") ?? "en";
const prefix = "hearth-card-";
const name = `${prefix}${version}-${tongue}`;
const card = "/help/card";
const unreachable = [502, 504]; // what a proxy says for a house that is not there

async function keep(): Promise<void> {
  const cache = await caches.open(name);
  for (const [as, from] of [[card, `${card}?lang=${encodeURIComponent(tongue)}`], [style, style]] as const) {
    const got = await fetch(from, { cache: "no-cache" });
    if (!got.ok) throw new Error(`${as}: ${got.status}`);
    await cache.put(as, got);
  }
  await worker.skipWaiting();
}

async function begin(): Promise<void> {
  for (const old of await caches.keys()) if (old.startsWith(prefix) && old !== name) await caches.delete(old);
  await worker.registration.navigationPreload?.enable();
}

/** What is kept, if it is there. */
async function kept(what: string): Promise<Response | undefined> {
  return (await caches.open(name)).match(what, { ignoreVary: true });
}

async function page(e: Fetching): Promise<Response> {
  try {
    const got = (await e.preloadResponse) ?? (await fetch(e.request));
    return unreachable.includes(got.status) ? ((await kept(card)) ?? got) : got;
  } catch (gone) {
    const instead = await kept(card);
    if (instead) return instead;
    throw gone;
  }
}

async function sheet(e: Fetching): Promise<Response> {
  return (await kept(style)) ?? fetch(e.request);
}

worker.addEventListener("install", (e) => e.waitUntil(keep()));
worker.addEventListener("activate", (e) => e.waitUntil(begin()));
worker.addEventListener("fetch", (e) => {
  const { method, mode, url } = e.request;
  if (method !== "GET") return;
  if (mode === "navigate") e.respondWith(page(e));
  else if (new URL(url).pathname === style) e.respondWith(sheet(e));
});
