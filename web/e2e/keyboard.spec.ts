// The whole thing by keyboard alone, and what a screen reader is told.
import { expect, test, type Browser, type Page } from "@playwright/test";
import { allLeave } from "./people.ts";
import { Server } from "./server.ts";

let server: Server;
test.beforeEach(async () => {
  server = new Server();
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

const most = 80; // presses of Tab to find anything on a page

/** What has the focus, by the name a screen reader says. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const el = document.activeElement as HTMLElement;
    const label = el.getAttribute("aria-label") ?? (el as HTMLInputElement).labels?.[0]?.innerText ?? el.innerText ?? "";
    return label.replace(/\s+/g, " ").trim();
  });
}

/** Tabs to something and presses a key on it. */
async function keys(page: Page, name: string | RegExp, key = "Enter"): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < most; i++) {
    const at = await focused(page);
    if (typeof name === "string" ? at === name : name.test(at)) {
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
      expect(ring, `the focus on ${at} can be seen`).not.toBe("none");
      await page.keyboard.press(key);
      return;
    }
    seen.push(at);
    await page.keyboard.press("Tab");
  }
  throw new Error(`no ${name} among: ${[...new Set(seen)].join(" | ")}`);
}

async function comes(browser: Browser, link: string, name: string, width: number): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width, height: 800 } })).newPage();
  await page.goto(link);
  await page.waitForURL(/\/c\//);
  await keys(page, "What shall we call you?", "End");
  await page.keyboard.type(name);
  await keys(page, /let me in/i);
  await expect(page.locator("#bar")).toBeVisible();
  return page;
}

for (const width of [390, 1280]) {
  test(`a circle by keyboard at ${width} px`, async ({ browser }) => {
    test.setTimeout(120_000);
    const marisol = await comes(browser, server.links.facilitator, "Marisol", width);
    const jun = await comes(browser, server.links.member, "Jun", width);
    await keys(marisol, "Begin the circle");
    await expect(marisol.locator("#now")).toContainText("The stick is offered to you");
    await keys(marisol, "Take the stick");
    await expect(marisol.getByLabel("Your words")).toBeVisible();
    await keys(marisol, "Your words", "End");
    await marisol.keyboard.type("By keyboard.");
    await marisol.keyboard.press("Control+Enter");
    await expect(jun.getByRole("log")).toContainText("By keyboard.");
    await expect(jun.locator("#polite")).toContainText("Marisol has the stick.");
    await keys(jun, /^Heart/);
    await expect(marisol.locator("#signs")).toContainText("1");
    await keys(marisol, "Pass it on");

    await expect(jun.locator("#polite, #assertive").filter({ hasText: "The stick is offered to you" })).toHaveCount(1);
    await keys(jun, "Later");
    await expect(jun.locator("#now")).toContainText("The stick is offered to you");
    await keys(jun, "Take the stick");
    await expect(jun.getByLabel("Your words")).toBeVisible();

    await keys(marisol, "Hold the room");
    await keys(marisol, "Somebody needs a moment");
    await expect(jun.locator("#assertive")).toContainText("held");
    await keys(marisol, "Let it go on");
    if (width < 960) await keys(marisol, "Board");
    await keys(marisol, "More for Jun");
    await keys(marisol, /^Mute/);
    await keys(marisol, /^5 minutes/);
    await expect(jun.locator("#now")).toContainText("You can’t speak until");

    await keys(jun, /^Help( \/ report)?$/);
    await expect(jun.getByRole("dialog")).toBeVisible();
    await jun.keyboard.press("Escape");
    expect(await focused(jun)).toMatch(/^Help/);
    await keys(jun, "My place");
    await keys(jun, "Leave the circle");
    await keys(jun, "I’m fine, just leaving");
    await expect(jun.getByRole("heading", { name: "You have left the circle" })).toBeVisible();

    await marisol.keyboard.press("Escape");
    if (width < 960) await keys(marisol, "Board");
    await keys(marisol, "Close the circle");
    await keys(marisol, "Close it");
    await expect(marisol.getByRole("heading", { name: "The circle is closed" })).toBeVisible();
  });
}
