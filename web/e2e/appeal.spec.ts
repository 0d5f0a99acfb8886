// Whoever a moderator decides something about is told in the room, after it and
// at the door: what, until when, why; and has it looked at again without an
// account, with script and without.
import { expect, test, type Browser, type Page } from "@playwright/test";
import { fitsEverywhere } from "./looks.ts";
import { Heard, moderator } from "./moderators.ts";
import { allLeave } from "./people.ts";
import { Server } from "./server.ts";

const server = new Server();
test.beforeAll(() => server.start());
test.afterAll(() => server.remove());
test.afterEach(({ browser }) => allLeave(browser));
test.setTimeout(120_000);

const phone = { width: 390, height: 844 };

/** A moderator who is signed in, without a desk to look at. */
class Moderator {
  #page: Page;
  private constructor(page: Page) {
    this.#page = page;
  }

  static async of(browser: Browser, name: string): Promise<Moderator> {
    return new Moderator(await moderator(browser, server, name));
  }

  async #does(path: string, what: object = {}): Promise<{ id: string; rev: number }> {
    return this.#page.evaluate(async ([to, body]) => {
      const r = await fetch(`/desk/cases/${to}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      if (!r.ok) throw new Error(`${to} ${r.status} ${await r.text()}`);
      return r.json();
    }, [path, what] as const);
  }

  /** The newest case that waits, taken. */
  async #takes(kind: string): Promise<{ id: string; rev: number }> {
    const found = await this.#page.evaluate(async () => (await (await fetch("/desk/search")).json()) as { cases: { id: string; kind: string; state: string }[] });
    return this.#does(`${found.cases.find((c) => c.kind === kind && c.state !== "closed")!.id}/claim`);
  }

  async decides(what: object): Promise<void> {
    const { id, rev } = await this.#takes("conduct");
    await this.#does(`${id}/decide`, { rev, rule: "harassment", ...what });
  }

  async judges(overturn: boolean, answer: string): Promise<void> {
    const { id } = await this.#takes("appeal");
    await this.#does(`${id}/judge`, { overturn, answer });
  }
}

const look = (page: Page, name: string) => fitsEverywhere(page, `appeal-${name}`);

/** What somebody did is reported. */
const about = (p: Heard) => ({ kind: "conduct", about: "person", category: "harassment", subject: p.seat, text: "It hurt." });

const facts = "You called Ben <b>names</b>, twice.";

test("told in the room and after it, appealed, and back again", async ({ browser }) => {
  const links = server.circle("Told", "--prompt", "How was your week?");
  const keeper = await Heard.in(browser, links.facilitator, "Marisol");
  const ben = await Heard.in(browser, links.member, "Ben");
  const cat = await Heard.in(browser, links.member, "Cat");
  const mo = await Moderator.of(browser, "Mo");
  const oz = await Moderator.of(browser, "Oz");

  await ben.reports(about(cat));
  await mo.decides({ action: "mute", minutes: 20, facts });
  const card = cat.page.getByRole("region", { name: "What was decided, and why" });
  await expect(card).toContainText(facts);
  await expect(card).toContainText("You can’t speak in this circle for a while.");
  await expect(card).toContainText("Nobody is put down for who they are or what they say.");
  await expect(cat.page.locator("#polite")).toContainText("What was decided, and why");
  await look(cat.page, "room");
  await card.getByRole("button", { name: "Close" }).click();
  await expect(card).toBeHidden();
  await cat.presses("What was decided, and why");
  await expect(card).toContainText(facts);
  for (const other of [keeper, ben]) await expect(other.page.getByText("What was decided, and why")).toHaveCount(0);
  await cat.page.reload();
  await expect(card).toContainText(facts);

  await ben.reports(about(cat));
  await mo.decides({ action: "ban", scope: "circle", days: 7, facts: "It went on." });
  const after = cat.page.locator('[data-part="after"]');
  await expect(after.or(cat.page.getByRole("heading", { name: "You can’t come in here at the moment" })).first()).toBeVisible();
  if (await after.isVisible()) {
    await expect(after).toContainText("It went on.");
    await expect(after.getByRole("link", { name: "Ask for another look" })).toBeVisible();
    await look(cat.page, "after");
  }
  await cat.page.reload();
  await expect(cat.page.getByRole("heading", { name: "You can’t come in here at the moment" })).toBeVisible();
  await expect(cat.page.getByText("It went on.")).toBeVisible();
  await look(cat.page, "kept-out");

  await cat.page.getByRole("link", { name: "Ask for another look" }).first().click();
  await expect(cat.page).toHaveURL(/\/appeal$/);
  await expect(cat.page.getByText("It went on.")).toBeVisible();
  await look(cat.page, "form");
  await cat.page.getByLabel("Write what you would like us to know").fill("It was the other way round.");
  await cat.presses("Send it");
  await expect(cat.page.getByRole("heading", { name: "Thank you. It is with us" })).toBeVisible();
  const code = await cat.page.locator("code").first().innerText();
  await look(cat.page, "sent");

  await oz.judges(true, "You are right, and welcome.");
  await cat.page.goto(`${server.url}/appeal#${code}`);
  await expect(cat.page.getByRole("heading", { name: "The decision was taken back" })).toBeVisible();
  await expect(cat.page.getByText("You are right, and welcome.")).toBeVisible();
  await look(cat.page, "answer");
  await cat.page.goto(links.member);
  await cat.page.waitForURL(/\/c\//);
  await cat.door();
});

test("without script, and in Arabic", async ({ browser }) => {
  const links = server.circle("Told again", "--prompt", "How was your week?");
  const ben = await Heard.in(browser, links.facilitator, "Ben");
  const cat = await Heard.in(browser, links.member, "Cat");
  const mo = await Moderator.of(browser, "Mo2");
  await ben.reports(about(cat));
  await mo.decides({ action: "ban", scope: "circle", days: 7, facts });
  await expect(cat.page.locator('[data-part="room"]')).toBeHidden();

  const plain = await browser.newContext({ javaScriptEnabled: false, viewport: phone, storageState: await cat.page.context().storageState() });
  const page = await plain.newPage();
  await page.goto(cat.page.url());
  await expect(page.getByRole("heading", { name: "You can’t come in here at the moment" })).toBeVisible();
  await expect(page.getByText(facts)).toBeVisible();
  const code = await page.locator("code").first().innerText();
  await page.getByRole("link", { name: "Ask for another look" }).click();
  await page.getByLabel("Your link or code").fill(code);
  await page.getByRole("button", { name: "Show it" }).click();
  await page.getByLabel("Write what you would like us to know").fill("Please look again.");
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/appeal-noscript-390.png`, fullPage: true });
  await page.getByRole("button", { name: "Send it" }).click();
  await expect(page.getByRole("heading", { name: "Thank you. It is with us" })).toBeVisible();

  await cat.page.context().addCookies([{ name: "__Host-hearth-lang", value: "ar", domain: "localhost", path: "/", secure: true, httpOnly: true, sameSite: "Lax" }]);
  await cat.page.reload();
  await expect(cat.page.locator("html")).toHaveAttribute("dir", "rtl");
  await expect(cat.page.getByText(facts)).toBeVisible();
  await look(cat.page, "kept-out-ar");
  await cat.page.goto(`${server.url}/appeal#${code}`);
  await expect(cat.page.locator("code").first()).toHaveText(code);
  await look(cat.page, "with-us-ar");
});
