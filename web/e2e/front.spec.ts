// The front door, as somebody finds it who comes for the first time: the list,
// a circle's page, a question, the door. Pictures of each page for people to
// look at (SHOTS names a folder), axe at both widths, and nothing that asks
// any other house for anything.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type BrowserContext, type Page } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
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

const demo = "Tuesday evening circle";

async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${what}-${colorScheme}.png`, fullPage: true });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${what}: ${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
  const small = await page.locator("main :is(a.button, a.quiet-link, button, summary, select, input:not([type=checkbox], [type=radio])):visible").evaluateAll((all) =>
    all.filter((el) => el.getBoundingClientRect().height < 44).map((el) => el.textContent?.trim() || el.id));
  expect(small, `${what}: too small for a thumb`).toEqual([]);
}

/** Fails as soon as any page of a context asks another house for something. */
async function onlyOurs(context: BrowserContext): Promise<string[]> {
  const others: string[] = [];
  await context.route("**", (route) => {
    const { origin, protocol } = new URL(route.request().url());
    if (origin === server.url || !protocol.startsWith("http")) return route.continue();
    others.push(route.request().url());
    return route.abort();
  });
  return others;
}

for (const width of [320, 390, 1280]) {
  test(`from the first page to the door at ${width} px`, async ({ browser }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ viewport: { width, height: width === 1280 ? 900 : 844 }, reducedMotion: "reduce" });
    const others = await onlyOurs(context);
    const page = await context.newPage();
    const shot = (what: string) => look(page, `front-${what}-${width}`);
    await page.goto(server.url);
    await shot("home");
    await page.getByRole("link", { name: "Find a circle" }).click();
    await expect(page.getByRole("link", { name: demo })).toBeVisible();
    await shot("circles");
    await page.getByLabel("What are you looking for?").fill("nothing like this");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByRole("heading", { name: "No circle fits all of that just now" })).toBeVisible();
    await shot("none");
    await page.getByRole("main").getByRole("link", { name: "Show all circles" }).click();
    await page.getByText("Choose more closely").click();
    await page.getByLabel("Theme").selectOption("wellbeing");
    await page.getByRole("button", { name: "Search" }).click();
    await expect(page.getByText("One circle.")).toBeVisible();
    await shot("filtered");
    await page.getByRole("link", { name: demo }).click();
    await expect(page.getByRole("heading", { name: demo })).toBeVisible();
    await page.getByText("A code to scan").click();
    await expect.poll(() => page.locator("img.qr").evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
    await shot("about");

    await page.getByRole("link", { name: "Ask a question" }).click();
    await shot("ask");
    await page.getByLabel("Your question").fill("May I just listen the first time?");
    await page.getByRole("button", { name: "Ask", exact: true }).click();
    const link = await page.getByLabel("The link to your answer").inputValue();
    await shot("asked");
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "There is no answer yet" })).toBeVisible();
    expect(page.url()).not.toContain("#");
    await shot("answer");
    await page.getByRole("link", { name: "To the circle’s page" }).click();

    await page.getByRole("button", { name: "Forget me in this circle" }).click();
    await shot("gone");
    await page.getByRole("link", { name: "Back to the circle’s page" }).click();
    await page.getByRole("button", { name: "Come in" }).click();
    await page.waitForURL(/\/c\//);
    await shot("door");
    for (const path of ["/help/card", "/help?country=IE", "/circles/never-was", "/enter", "/answer"]) {
      await page.goto(server.url + path);
      await shot(path.split(/[/?]/).filter(Boolean).join("-"));
    }
    for (const path of ["/sign-in", "/welcome", "/office"]) await page.goto(server.url + path, { waitUntil: "networkidle" });
    expect(others, "asked of other houses").toEqual([]);
  });
}

test("whoever comes back is in after three taps, by the name this device remembers", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const abena = new Person("Abena", page);
  const link = server.links.member;
  await page.goto(link);
  await page.waitForURL(/\/c\//);
  await page.getByLabel("Remember my name on this device").check();
  await abena.door();
  await page.close();

  const later = await context.newPage();
  await later.goto(link); // one tap: the link
  await later.waitForURL(/\/c\//);
  await expect(later.getByLabel("What shall we call you?")).toHaveValue("Abena");
  await later.getByRole("button", { name: /let me in/i }).click(); // two
  await new Person("Abena", later).inRoom();

  // Who unticks it is forgotten at once.
  const again = await context.newPage();
  await again.goto(link);
  await again.waitForURL(/\/c\//);
  await again.getByLabel("Remember my name on this device").uncheck();
  expect(await again.evaluate(() => JSON.stringify(localStorage))).not.toContain("Abena");
});

test("what is forgotten in one circle is gone from the device, and nothing else", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const kept = () => page.evaluate(() => JSON.stringify(localStorage));
  for (const [name, link] of [["Abena", server.links.member], ["Akua", server.circle("Another").member]] as const) {
    await page.goto(link);
    await page.waitForURL(/\/c\//);
    await page.getByLabel("Remember my name on this device").check();
    await new Person(name, page).door();
  }
  await page.goto(`${server.url}/circles`);
  await page.getByRole("link", { name: demo }).click();
  await page.getByRole("button", { name: "Come in" }).click();
  await page.waitForURL(/\/c\//);
  await page.getByLabel("Remember my name on this device").check();
  await new Person("Kofi", page).page.getByLabel("What shall we call you?").fill("Kofi");
  await page.getByRole("button", { name: /let me in/i }).click();
  await expect.poll(kept).toContain("Kofi");
  await page.goto(`${server.url}/circles`);
  await page.getByRole("link", { name: demo }).click();
  await page.getByRole("button", { name: "Forget me in this circle" }).click();
  await expect(page.getByText("Your seat is gone")).toBeVisible();
  await expect.poll(kept).not.toContain("Kofi");
  expect(await kept()).toContain("Abena");
  expect(await kept()).toContain("Akua");
  expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain("Kofi");
});
