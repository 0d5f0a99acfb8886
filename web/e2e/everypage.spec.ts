// Every page there is, in English and in Arabic, at 320 and 1280 px: axe finds
// nothing, nothing scrolls sideways, and nobody else is asked for anything.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { welcomed, withPasskeys } from "./passkey.ts";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

const server = new Server("--smtp", "smtp://localhost:1", "--mail-from", "Hearth <hearth@example.org>");
test.beforeAll(() => server.start());
test.afterAll(() => server.remove());
test.afterEach(({ browser }) => allLeave(browser));

// Templates that are parts of pages.
const parts = ["base", "dates", "drawings", "office-parts", "signposts", "statement"];

interface Visit {
  page: Page;
  circle: string; // path of its page
  office: string; // and of its pages in the office
}

/** How to get to each page, by its template. */
const pages: Record<string, (v: Visit) => Promise<unknown>> = {
  "home": ({ page }) => page.goto(server.url),
  "directory": ({ page }) => page.goto(`${server.url}/circles`),
  "about": ({ page, circle }) => page.goto(server.url + circle),
  "ask": ({ page, circle }) => page.goto(`${server.url + circle}/ask`),
  "answer": ({ page }) => page.goto(`${server.url}/answer`),
  "gone": async ({ page, circle }) => {
    await page.goto(server.url + circle);
    await Promise.all([page.waitForLoadState("load"), page.locator(`form[action$="/forget"] button`).click()]);
    await page.waitForURL(/forget/);
  },
  "calendar": ({ page, circle }) => page.goto(`${server.url + circle}/calendar`),
  "remind": ({ page, circle }) => page.goto(`${server.url + circle}/remind`),
  "reminders": ({ page }) => page.goto(`${server.url}/reminders`),
  "enter": ({ page }) => page.goto(`${server.url}/enter`),
  "problem": ({ page }) => page.goto(`${server.url}/nothing-is-here`),
  "help": ({ page }) => page.goto(`${server.url}/help?country=IE`),
  "report": ({ page }) => page.goto(`${server.url}/report`),
  "reportstatus": ({ page }) => page.goto(`${server.url}/report/status`),
  "appeal": ({ page }) => page.goto(`${server.url}/appeal`),
  "card": ({ page }) => page.goto(`${server.url}/help/card`),
  "signin": ({ page }) => page.goto(`${server.url}/sign-in`),
  "welcome": ({ page }) => page.goto(`${server.url}/welcome`),
  "sessions": ({ page }) => page.goto(`${server.url}/office/sessions`),
  "office-home": ({ page }) => page.goto(`${server.url}/office`),
  "office-circle": ({ page, office }) => page.goto(server.url + office),
  "office-schedule": ({ page, office }) => page.goto(`${server.url + office}/schedule`),
  "office-keepers": ({ page, office }) => page.goto(`${server.url + office}/people`),
  "office-invites": ({ page, office }) => page.goto(`${server.url + office}/invites`),
  "office-questions": ({ page }) => page.goto(`${server.url}/office/questions`),
  "office-people": ({ page }) => page.goto(`${server.url}/office/people`),
  "office-settings": ({ page }) => page.goto(`${server.url}/office/settings`),
  "office-status": ({ page }) => page.goto(`${server.url}/office/status`),
  "office-audit": ({ page }) => page.goto(`${server.url}/office/audit`),
  "desk": async ({ page }) => {
    await page.goto(`${server.url}/desk`);
    await page.locator(".key-card button").waitFor(); // the queue has come
  },
};

// Those on the way into a room, below, and of whoever may not (appeal.spec.ts).
const elsewhere = ["needs", "circle", "keptout"];

/** What holds of every page. */
async function holds(page: Page, name: string): Promise<void> {
  for (const [width, height] of [[320, 640], [1280, 900]] as const) {
    await page.setViewportSize({ width, height });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, `${name} scrolls sideways at ${width} px`).toBeLessThanOrEqual(0);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`), `${name} at ${width} px`).toEqual([]);
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/every-${name}-${width}.png`, fullPage: true });
  }
}

/** Asks of a browser to anybody but us. */
function strangers(page: Page): string[] {
  const asked: string[] = [];
  page.context().on("request", (r) => {
    const to = new URL(r.url());
    if (/^(https?|wss?):$/.test(to.protocol) && to.host !== new URL(server.url).host) asked.push(r.url());
  });
  return asked;
}

test("no page is left out", () => {
  const files = readdirSync(join(import.meta.dirname, "../face")).filter((f) => f.endsWith(".html")).map((f) => f.slice(0, -5));
  expect([...Object.keys(pages), ...elsewhere, ...parts].sort()).toEqual(files.sort());
});

test("every page, in English and Arabic, narrow and wide", async ({ browser }) => {
  test.setTimeout(400_000);
  const page = await withPasskeys(browser, { viewport: { width: 1280, height: 900 } });
  const asked = strangers(page);
  await welcomed(page, server.hearth("person", "invite", "--admin", "--moderator").split("\n")[0]!, "Amina"); // sees every page
  const id = /([0-9a-f-]{36})/.exec(server.hearth("circle", "show", "Tuesday evening circle"))?.[1];
  server.hearth("circle", "schedule", "Tuesday evening circle", "--first", "2026-03-05 19:00", "--zone", "Europe/Dublin", "--every", "week", "--minutes", "75");
  const v = { page, circle: `/circles/${id}`, office: `/office/circles/${id}` };
  for (const lang of ["en", "ar"]) {
    await page.context().addCookies([{ name: "__Host-hearth-lang", value: lang, domain: "localhost", path: "/", secure: true, httpOnly: true, sameSite: "Lax" }]);
    for (const [name, go] of Object.entries(pages)) {
      await go(v);
      expect(await page.locator("html").getAttribute("lang"), name).toBe(lang);
      await holds(page, `${name}-${lang}`);
    }
  }
  expect(asked).toEqual([]);

  // Leaving quickly signs this browser out, too.
  await page.goto(`${server.url}/office`);
  await page.locator("#leave-quickly").click();
  await page.waitForURL("about:blank");
  await expect(async () => {
    await page.goto(`${server.url}/office`);
    await expect(page).toHaveURL(/\/sign-in/, { timeout: 1000 });
  }).toPass({ timeout: 10_000 });
});

test("the door, the waiting room, the room and the page after it, in English and Arabic", async ({ browser }) => {
  test.setTimeout(200_000);
  for (const lang of ["en", "ar"]) {
    const keeper = await Person.comes(browser, server.links.facilitator, "Marisol", { viewport: { width: 1280, height: 960 } });
    const context = await browser.newContext({ locale: lang });
    const page = await context.newPage();
    const asked = strangers(page);
    await page.goto(server.links.shared.member);
    await page.waitForURL(/\/c\//);
    await holds(page, `door-${lang}`);
    await page.locator("#name").fill("Jun");
    await page.evaluate(() => document.querySelector<HTMLFormElement>("form#door")!.submit()); // as without script
    await page.waitForURL(/\/door$/);
    await holds(page, `needs-${lang}`);
    await page.goBack();
    await page.locator("#name").fill("Jun");
    await page.locator("#let-me-in").click();
    await expect(page.locator('[data-part="waiting"]')).toBeVisible();
    await holds(page, `waiting-${lang}`);
    await keeper.button(/^Let (Jun )?in/).first().click();
    await expect(page.locator("#bar")).toBeVisible();
    await holds(page, `room-${lang}`);
    await keeper.presses("Close the circle");
    await keeper.presses("Close it");
    await expect(page.locator('[data-part="after"]')).toBeVisible();
    await holds(page, `after-${lang}`);
    expect(asked).toEqual([]);
    await allLeave(browser);
  }
});
