// Waiting at the door: two come by a link that several may use, one for the
// first time; whoever keeps the circle says something kind and lets them in.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Browser, type Page } from "@playwright/test";
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

const phone = { viewport: { width: 390, height: 844 }, reducedMotion: "reduce" as const };
const desktop = { viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" as const };

/** Comes to the door by a link, and waits there. */
async function waits(browser: Browser, link: string, name: string, how: { first?: boolean; locale?: string; width?: number } = {}): Promise<Person> {
  const context = await browser.newContext({ ...phone, ...(how.locale && { locale: how.locale }), viewport: { width: how.width ?? 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(link);
  await page.waitForURL(/\/c\//);
  await page.locator("#name").fill(name);
  if (how.first) await page.locator("#first").check();
  await page.locator("#let-me-in").click();
  await expect(page.locator("#waiting-title")).toBeVisible();
  return new Person(name, page);
}

async function look(page: Page, name: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
  expect((await new AxeBuilder({ page }).analyze()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`), name).toEqual([]);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/waiting-${name}.png` });
}

const doorCard = (p: Person) => p.page.locator("#cards");

test("two wait: one is let in, then all", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", phone);
  const jun = await Person.comes(browser, server.links.member, "Jun", phone);
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  await marisol.says("Said before they came in.");

  const { member } = server.links.shared;
  const odile = await waits(browser, member, "Odile", { first: true });
  const robin = await waits(browser, member, "Robin", { width: 320 });
  await expect(odile.page.getByRole("heading", { name: "You’re at the door" })).toBeFocused();
  await expect(odile.page.getByText("Whoever keeps the circle will let you in.")).toBeVisible();
  await expect(odile.page.locator("body")).not.toContainText("Said before they came in.");
  await look(odile.page, "member-390");
  await look(robin.page, "member-320");
  await expect(jun.page.locator("body")).not.toContainText("Odile");

  // A round goes on: the door says so under the words, and opens when one likes.
  const card = doorCard(marisol);
  const folded = card.getByRole("button", { name: "2 people are waiting at the door" });
  await expect(folded).toHaveAttribute("aria-expanded", "false");
  await expect(marisol.page.locator("#polite")).toContainText("2 people are waiting at the door");
  await expect(card.getByRole("button", { name: /^Let/ })).toHaveCount(0);
  expect(await covers(marisol.page, "#cards .folded", "#bar"), "the button lies over the bar").toBe(false);
  expect(await covers(marisol.page, "#cards .folded", "#ring"), "the button lies over the ring").toBe(false);
  await look(marisol.page, "folded-390");
  await folded.click();
  await expect(card.getByRole("heading", { name: "2 people are waiting at the door" })).toBeVisible();
  await expect(card).toContainText("first time");
  await look(marisol.page, "keeper-390");
  expect(await covers(marisol.page, "#cards .card", "#bar"), "the card lies over the bar").toBe(false);

  await card.getByRole("button", { name: "More for Odile" }).click();
  await marisol.presses("Say something kind…");
  await marisol.page.getByLabel("Only Odile sees this").fill("Hello Odile, one minute.");
  await look(marisol.page, "say-390");
  await marisol.presses("Send it");
  await expect(odile.page.locator("#waiting-words")).toHaveText("Hello Odile, one minute.");
  await expect(odile.page.locator("#polite")).toContainText("Hello Odile, one minute.");
  await look(odile.page, "told-390");
  await expect(robin.page.locator("body")).not.toContainText("Hello Odile");

  await card.getByRole("button", { name: "Let Odile in" }).click();
  await odile.inRoom();
  await odile.hasNotHeard("Said before they came in.");
  await expect(odile.page.locator("#waiting-title")).toBeHidden();
  await marisol.says("Welcome, Odile.");
  await odile.hears("Welcome, Odile.");
  await expect(jun.page.locator("#seats")).toContainText("Odile");

  await card.getByRole("button", { name: "Fold away" }).click();
  const kim = await waits(browser, member, "Kim");
  await folded.click();
  await card.getByRole("button", { name: "Let all in" }).click();
  for (const p of [robin, kim]) await p.inRoom();
  await expect(card).toBeHidden();

  // Who was in comes back without waiting.
  await kim.page.reload();
  await kim.inRoom();
});

test("from the board on a desktop: not tonight, and leaving by oneself", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", desktop);
  const { member } = server.links.shared;
  const odile = await waits(browser, member, "Odile", { first: true });
  const robin = await waits(browser, member, "Robin");
  const side = marisol.page.locator("#side");
  await expect(side.getByRole("heading", { name: "2 people are waiting at the door" })).toBeVisible();
  await expect(side.getByRole("button", { name: "Let all in" })).toBeInViewport({ ratio: 1 });
  await expect(marisol.page.locator("#polite")).toContainText("2 people are waiting at the door");
  await expect(doorCard(marisol)).toBeHidden(); // once is enough
  await look(marisol.page, "keeper-1280");
  await robin.page.locator("#waiting-leave").click();
  await expect(robin.page.locator("#after-title")).toBeVisible();
  await expect(side.getByRole("heading", { name: "One person is waiting at the door" })).toBeVisible();
  await side.getByRole("button", { name: "More for Odile" }).click();
  await marisol.presses("Not tonight…");
  await marisol.presses("Not tonight");
  await expect(odile.page.getByRole("heading", { name: "Not tonight" })).toBeVisible();
  await expect(odile.page.locator("[data-part=after]").getByText("Someone to call now")).toBeVisible();
  await look(odile.page, "not-tonight-390");
});

for (const locale of ["es", "ar"]) {
  test(`waiting in ${locale}`, async ({ browser }) => {
    const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", phone);
    const odile = await waits(browser, server.links.shared.member, "Odile", { locale, width: 320 });
    await expect(odile.page.locator("html")).toHaveAttribute("lang", locale);
    await look(odile.page, `member-${locale}`);
    await doorCard(marisol).getByRole("button", { name: "Let Odile in" }).click();
    await expect(odile.page.locator("#bar")).toBeVisible();
  });
}

test("the line drops at the door, and the place in line is kept", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", phone);
  const odile = await waits(browser, server.links.shared.member, "Odile");
  await server.stop("SIGKILL");
  await expect(odile.page.getByText("The line is down for a moment.")).toBeVisible();
  await server.start();
  await expect(odile.page.getByText("The line is down for a moment.")).toBeHidden({ timeout: 30_000 });
  await doorCard(marisol).getByRole("button", { name: "Let Odile in" }).click();
  await odile.inRoom();
});

/** Whether one thing lies over another. */
function covers(page: Page, over: string, under: string): Promise<boolean> {
  return page.evaluate(([a, b]) => {
    const [x, y] = [a, b].map((s) => document.querySelector(s!)!.getBoundingClientRect()) as [DOMRect, DOMRect];
    return x.bottom > y.top + 1 && x.top < y.bottom - 1 && x.right > y.left && x.left < y.right;
  }, [over, under]);
}
