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
    await page.getByText("Narrow it down").click();
    await page.getByLabel("Theme").selectOption("wellbeing");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page.getByText("One circle.")).toBeInViewport(); // what was found, below all the choices
    await shot("filtered");
    await page.getByRole("link", { name: demo }).click();
    await expect(page.getByRole("heading", { name: demo })).toBeVisible();
    await page.getByText("QR code for this page").click();
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
  const others = await onlyOurs(context);
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
  expect(others, "asked of other houses, in the room too").toEqual([]);
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

/** A house with circles of every kind beside the first. */
function furnish(): void {
  const make = (title: string, ...how: string[]) => {
    server.circle(title);
    server.hearth("circle", "set", title, "--listed", ...how);
  };
  make("Grief on Tuesdays", "--access", "open", "--country", "IE", "--language", "en", "--theme", "grief", "--note", "Somebody’s death", "--purpose", "For whoever lost somebody, lately or long ago.");
  server.hearth("circle", "schedule", "Grief on Tuesdays", "--first", "2026-03-03 19:00", "--zone", "Europe/Dublin", "--every", "week", "--minutes", "75");
  make("Cuidadores", "--country", "US", "--region", "US", "--language", "es", "--theme", "carers", "--purpose", "Para quienes cuidan de alguien.");
  make("Night shift", "--standing", "announced", "--access", "open", "--country", "GB", "--theme", "loneliness");
}

test("times are told on the clocks there, and on one’s own", async ({ browser }) => {
  furnish();
  const context = await browser.newContext({ timezoneId: "Asia/Tokyo", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/circles`);
  await look(page, "front-many-390");
  await page.getByRole("link", { name: "Grief on Tuesdays" }).click();
  const first = page.locator(".dates .date").first();
  await expect(first).toContainText(/Tuesday \d+ \w+, 19:00 Dublin time/);
  const utc = await first.locator("time").getAttribute("datetime");
  const tokyo = new Intl.DateTimeFormat("en", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(utc!));
  await expect(first.locator(".yours")).toContainText(`your time: Wednesday`);
  await expect(first.locator(".yours")).toContainText(tokyo);
  await look(page, "front-dated-390");

  const there = await browser.newContext({ timezoneId: "Europe/Dublin" });
  const same = await there.newPage();
  await same.goto(page.url());
  await expect(same.locator(".dates .date").first()).toContainText("19:00 Dublin time");
  await expect(same.locator(".yours")).toHaveCount(0);
});

test("whoever would come says so once; by invite one asks for it", async ({ browser }) => {
  furnish();
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/circles`);
  await page.getByRole("link", { name: "Night shift" }).click();
  await page.getByRole("button", { name: "I would come" }).click();
  await expect(page.getByText("Thank you. You are counted.")).toBeVisible();
  await expect(page.getByText("One person would come.")).toBeVisible();
  await look(page, "front-announced-390");
  await page.goto(`${server.url}/circles?theme=carers`);
  await page.getByRole("link", { name: "Cuidadores" }).click();
  await expect(page.getByRole("button", { name: "Come in" })).toHaveCount(0);
  await page.getByRole("link", { name: "Ask for an invite" }).click();
  await expect(page.getByLabel("Your question")).toBeVisible();
});

for (const locale of ["es", "ar"]) {
  test(`the front door in ${locale}`, async ({ browser }) => {
    test.setTimeout(120_000);
    furnish();
    for (const width of [320, 1280]) {
      const context = await browser.newContext({ locale, viewport: { width, height: 844 }, reducedMotion: "reduce" });
      const page = await context.newPage();
      await page.goto(server.url);
      await look(page, `front-${locale}-home-${width}`);
      await page.goto(`${server.url}/circles?theme=grief`);
      await look(page, `front-${locale}-circles-${width}`);
      await page.locator(".circles a").first().click();
      await look(page, `front-${locale}-about-${width}`);
      const about = page.url();
      for (const path of [`${about}/ask`, `${server.url}/answer`, `${server.url}/help/card`]) {
        await page.goto(path);
        await look(page, `front-${locale}-${path.split("/").pop()}-${width}`);
      }
      await context.close();
    }
  });
}
