// Those who run the house: from a link to a passkey, out and in again, and
// every place where they are signed in. The authenticator is the browser's own
// virtual one.
import { expect, test, type BrowserContext, type Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { Server } from "./server";

const hearth = new Server();
test.beforeAll(() => hearth.start());
test.afterAll(() => hearth.remove());

/** A page with a passkey device of its own, which opens by itself. */
async function withKeys(page: Page): Promise<{ fails(): Promise<void>; works(): Promise<void>; counts(): Promise<number> }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const verified = (isUserVerified: boolean) => cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  return {
    fails: async () => void (await verified(false)),
    works: async () => void (await verified(true)),
    counts: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials.length,
  };
}

const invite = (...how: string[]) => hearth.hearth("person", "invite", ...how).split("\n")[0]!;

const clean = async (page: Page) => expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

async function fits(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
}

async function look(page: Page, name: string): Promise<void> {
  for (const [width, height] of [[320, 640], [1280, 800]] as const) {
    await page.setViewportSize({ width, height });
    await fits(page);
    await clean(page);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 390, height: 844 });
}

async function joins(context: BrowserContext, name: string, ...how: string[]): Promise<Page> {
  const page = await context.newPage();
  await withKeys(page);
  await page.goto(invite(...how));
  await page.getByLabel("What shall we call you?").fill(name);
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.waitForURL(/\/office$/);
  return page;
}

test("from a link to the office, out and in again", async ({ browser }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const keys = await withKeys(page);
  const link = invite("--admin");
  await page.goto(link);
  await expect(page.getByText("You will run the house")).toBeVisible();
  expect(page.url(), "the code is out of the address").not.toContain("#");
  await look(page, "welcome");
  await keys.fails();
  await page.getByLabel("What shall we call you?").fill("Kim");
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await expect(page.getByRole("alert")).toContainText("Whenever you are ready");
  await look(page, "welcome-not-yet");
  await keys.works();
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.waitForURL(/\/office$/);
  expect(await keys.counts()).toBe(1);

  await page.goto(`${hearth.url}/office/sessions`);
  await page.locator("main").getByRole("button", { name: "Sign out", exact: true }).click();
  await page.waitForURL(/\/sign-in/);
  await page.goto(`${hearth.url}/office/sessions`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await look(page, "signin");
  await keys.fails();
  await page.getByRole("button", { name: "Sign in with your passkey" }).click();
  await expect(page.getByRole("alert")).toContainText("Whenever you are ready");
  await keys.works();
  await page.getByRole("button", { name: "Sign in with your passkey" }).click();
  await page.waitForURL(/\/office\/sessions$/); // where they were going
  await expect(page.getByText("This browser")).toBeVisible();

  await page.goto(`${hearth.url}/welcome`);
  await page.getByLabel("Your link or code").fill(link);
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("alert")).toContainText("doesn’t work any more");
  await look(page, "welcome-used");
  await context.close();
});

test("sessions and passkeys are seen and ended", async ({ browser }) => {
  const context = await browser.newContext();
  const page = await joins(context, "Ada", "--circle", "As it comes");
  await page.goto(`${hearth.url}/office/sessions`);
  await expect(page.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  const link = (await page.locator("code").innerText()).trim();
  await look(page, "sessions-link");

  const phone = await browser.newContext();
  const there = await phone.newPage();
  await withKeys(there);
  await there.goto(link);
  await expect(there.getByRole("heading", { name: "Another passkey for Ada" })).toBeVisible();
  await look(there, "welcome-again");
  await there.getByRole("button", { name: "Make a passkey" }).click();
  await there.waitForURL(/\/office$/);

  await page.goto(`${hearth.url}/office/sessions`);
  await expect(page.getByText("Another browser")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Remove" })).toHaveCount(2);
  await look(page, "sessions");
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByText("Another browser")).toHaveCount(0);
  await there.goto(`${hearth.url}/office/sessions`);
  await expect(there.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await there.getByRole("button", { name: "Sign in with your passkey" }).click();
  await there.waitForURL(/\/office\/sessions$/);
  await Promise.all([context.close(), phone.close()]);
});

test("whoever keeps a circle goes in from the office, and is out of it when signed out", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await joins(context, "Noor", "--circle", "As it comes");
  await page.getByRole("button", { name: /go in|open the room/i }).first().click();
  await page.waitForURL(/\/c\//);
  await expect(page.getByLabel("What shall we call you?")).toHaveValue("Noor");
  await page.getByRole("button", { name: /let me in/i }).click();
  await expect(page.locator("#bar")).toBeVisible();
  const other = await context.newPage();
  await other.goto(`${hearth.url}/office/sessions`);
  await other.locator("main").getByRole("button", { name: "Sign out", exact: true }).click();
  await other.waitForURL(/\/sign-in/);
  await expect(page.locator("#bar")).toBeHidden({ timeout: 5_000 });
  await context.close();
});

test("without script the page says what is missing", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${hearth.url}/sign-in`);
  await expect(page.locator("noscript .care")).toContainText("A passkey needs this page’s script");
  await expect(page.locator("noscript .care")).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in with your passkey" })).toBeHidden();
  await page.goto(`${hearth.url}/welcome`);
  await page.getByLabel("Your link or code").fill(invite("--moderator"));
  await page.getByRole("button", { name: "Go on" }).click();
  await expect(page.locator("noscript .care")).toContainText("A passkey needs this page’s script");
  await expect(page.locator("noscript .care")).toBeVisible();
  await context.close();
});
