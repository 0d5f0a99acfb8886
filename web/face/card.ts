// Has this device keep the crisis card (sw.ts), and forget it again.
import { onLeave } from "./quick.ts";

/** Trusted types, as far as this needs them. */
interface Policies {
  createPolicy(name: string, rules: { createScriptURL(path: string): string }): { createScriptURL(path: string): string };
}

/** Keeps the card once the page is there, in the page's language. */
export function keepCard(): void {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined; // none without a secure line
  if (!workers) return;
  let left = false;
  onLeave(() => {
    left = true;
    void forgetCard(workers);
  });
  const path = `/sw.js?lang=${encodeURIComponent(document.documentElement.lang)}`;
  const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  const trusted = policies?.createPolicy("hearth-card", { createScriptURL: () => path }).createScriptURL(path) ?? path;
  const keep = () => {
    if (!left) workers.register(trusted).catch(() => undefined); // a browser that refuses it keeps no card
  };
  if (document.readyState === "complete") keep();
  else addEventListener("load", keep);
}

async function forgetCard(workers: ServiceWorkerContainer): Promise<void> {
  try {
    await Promise.all([
      ...(await workers.getRegistrations()).map((r) => r.unregister()),
      ...(await caches.keys()).map((name) => caches.delete(name)),
    ]);
  } catch {
    // Nothing was kept; and the house has the browser clear it, too.
  }
}
