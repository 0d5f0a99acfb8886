// People who sign in: a browser that keeps passkeys, and how one makes the first.
import type { Browser, BrowserContextOptions, Page } from "@playwright/test";

/** A browser of somebody's own, with something in it to keep passkeys in. */
export async function withPasskeys(browser: Browser, how: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(how);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return page;
}

/** Opens a welcome, says a name and makes a passkey. */
export async function welcomed(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("What shall we call you?").fill(name);
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.waitForURL(/\/office/);
}
