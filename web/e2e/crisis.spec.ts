// The crisis card opens with the house down after one visit, it is all that a
// device keeps, and leaving quickly takes that away as well.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

let server: Server;
test.use({ viewport: { width: 390, height: 844 } });
test.beforeEach(async () => {
  server = new Server();
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

/** What is in the caches of the house's pages: cache by cache, path by path. */
function cached(page: Page): Promise<string[][]> {
  return page.evaluate(async () => {
    const all: string[][] = [];
    for (const name of await caches.keys()) all.push((await (await caches.open(name)).keys()).map((r) => new URL(r.url).pathname.replace(/-[^-]*\.css$/, "-….css")));
    return all;
  });
}

const justTheCard = [["/help/card", "/assets/face-….css"]];

async function visits(page: Page, path = "/"): Promise<void> {
  await page.goto(server.url + path);
  await expect.poll(() => cached(page)).toEqual(justTheCard);
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
}

/** Nothing of us is on the device: looked for where no script of ours runs. */
async function leftNothing(page: Page): Promise<void> {
  const css = await (await page.request.get(server.url)).text();
  await page.goto(server.url + /\/assets\/icon-[0-9a-f]+\.svg/.exec(css)![0]);
  await expect.poll(() => page.evaluate(async () => [
    await caches.keys(),
    (await navigator.serviceWorker.getRegistrations()).length,
    Object.keys(localStorage), Object.keys(sessionStorage),
  ])).toEqual([[], 0, [], []]);
  expect((await page.context().cookies()).map((c) => c.name)).toEqual([]);
}

test("after one visit the card is there when the house is not, and only the card", async ({ page }) => {
  await visits(page);
  await server.stop("SIGKILL");
  for (const path of ["/", "/circles", "/c/anything", "/nothing"]) {
    await page.goto(server.url + path);
    await expect(page.getByRole("heading", { name: "Someone to call now" })).toBeVisible();
  }
  await page.getByText("Ireland").click();
  await expect(page.getByRole("link", { name: "Call 116 123" })).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe("rgba(0, 0, 0, 0)");
  expect(await page.locator("script").count()).toBe(0);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/card-offline.png`, fullPage: true });
  expect((await new AxeBuilder({ page }).analyze()).violations.map((v) => v.id)).toEqual([]);

  await server.start();
  await page.getByRole("link", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "Sit in a circle, from home" })).toBeVisible();
  expect(await cached(page)).toEqual(justTheCard);
});

test("whoever only was in a room has the card, too", async ({ page }) => {
  await page.goto(server.links.member);
  await page.waitForURL(/\/c\//);
  await new Person("Abena", page).door();
  await expect.poll(() => cached(page)).toEqual(justTheCard);
  await server.stop("SIGKILL");
  await page.reload();
  await expect(page.getByRole("heading", { name: "Someone to call now" })).toBeVisible();
});

test("the card is in the language in use, and in that one alone", async ({ browser }) => {
  const context = await browser.newContext({ locale: "es-MX", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await visits(page);
  await page.getByLabel("Idioma").selectOption("ar");
  await page.getByRole("button", { name: "Cambiar" }).click();
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect.poll(() => page.evaluate(async () => (await caches.keys()).map((k) => k.slice(-3)))).toEqual(["-ar"]);
  await server.stop("SIGKILL");
  await page.goto(server.url);
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(page.getByRole("heading", { name: "شخص تتصل به الآن" })).toBeVisible();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/card-arabic.png`, fullPage: true });
});

test("leaving quickly takes everything away, from every page", async ({ browser }) => {
  test.setTimeout(120_000);
  for (const path of ["/", "/circles", "/enter", "/answer", "/help", "/sign-in", "/nothing"]) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await visits(page, path);
    await page.evaluate(() => {
      localStorage.setItem("hearth:name:x", `{"name":"Abena"}`);
      sessionStorage.setItem("hearth:country", "IE");
    });
    for (let i = 0; i < 3; i++) await page.keyboard.press("Shift");
    await page.waitForURL("about:blank");
    await leftNothing(page);
    await context.close();
  }
});

test("leaving quickly from a circle leaves nothing, and with the house down no card", async ({ page }) => {
  await page.goto(server.links.member);
  await page.waitForURL(/\/c\//);
  await page.getByLabel("Remember my name on this device").check();
  await new Person("Abena", page).door();
  await expect.poll(() => cached(page)).toEqual(justTheCard);
  await page.getByRole("link", { name: "Leave quickly" }).click();
  await page.waitForURL("about:blank");
  await leftNothing(page);
  await page.goBack().catch(() => undefined); // the room isn't behind
  expect(page.url()).not.toContain("/c/");
  await server.stop("SIGKILL");
  await expect(page.goto(server.url)).rejects.toThrow(/ERR_CONNECTION/);
});
