// Talks aside and quiet rooms in browsers: the two hear each other, the circle
// goes on, and nobody else sees a word. SHOTS names a folder for pictures.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
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

const phone = { viewport: { width: 390, height: 844 } };
const small = { viewport: { width: 320, height: 640 } };
const desktop = { viewport: { width: 1280, height: 900 } };

async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${what}-${colorScheme}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${what}: ${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}

const panel = (p: Person) => p.page.getByRole("region", { name: /^(With|Quiet room)/ });

async function saysAside(p: Person, words: string): Promise<void> {
  await panel(p).getByLabel("What you say aside").fill(words);
  await panel(p).getByRole("button", { name: "Say it aside" }).click();
  await expect(panel(p).getByRole("log")).toContainText(words);
}

test("a facilitator has a word with a member, and the circle goes on", async ({ browser }) => {
  test.setTimeout(120_000);
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", desktop);
  const jun = await Person.comes(browser, server.links.member, "Jun", phone);
  const abena = await Person.comes(browser, server.links.member, "Abena", phone);
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  await marisol.says("My high is that I am here.");

  await marisol.presses("More for Jun");
  await marisol.presses("Talk aside…");
  await expect(panel(marisol)).toContainText("Only you and Jun see this.");
  await expect(panel(marisol)).toContainText("Jun isn’t here yet");
  await expect(jun.page.getByRole("heading", { name: "Marisol would like a word with you, just the two of you." })).toBeVisible();
  await look(jun.page, "asked-phone");
  await jun.presses("Go");
  await expect(panel(marisol)).not.toContainText("isn’t here yet");
  await saysAside(marisol, "You were quiet tonight. Is there anything you need?");
  await expect(panel(jun)).toContainText("Is there anything you need?");
  await saysAside(jun, "It is a hard week. I am glad you asked.");
  await look(jun.page, "talk-phone");
  await look(marisol.page, "talk-desktop");
  await panel(jun).getByRole("button", { name: "Take back" }).click();
  await expect(panel(marisol)).toContainText("(taken back)");

  // The circle goes on behind it, also with the panel folded away.
  await panel(jun).getByRole("button", { name: "Fold away" }).click();
  await marisol.presses("Pass it on");
  await jun.sees("The stick is offered to you");
  await jun.presses("Take the stick");
  await jun.says("Mine is the walk here.");
  await abena.hears("Mine is the walk here.");
  await saysAside(marisol, "That was lovely.");
  await expect(panel(jun).getByRole("button", { name: /Open · 1 new/ })).toBeVisible();
  await look(jun.page, "folded-phone");
  for (const words of ["anything you need", "hard week", "lovely"]) await abena.hasNotHeard(words);
  await expect(abena.page.locator("body")).not.toContainText("aside");

  // Loaded again, the page has the talk it had.
  await jun.page.reload();
  await jun.inRoom();
  await expect(panel(jun)).toContainText("Only you and Marisol see this.");
  await panel(marisol).getByRole("button", { name: "End the talk" }).click();
  await expect(panel(jun)).toContainText("The talk has ended.");
  await expect(panel(jun).getByLabel("What you say aside")).toBeHidden();
  await look(jun.page, "ended-phone");
  await panel(jun).getByRole("button", { name: "Close" }).click();
  await expect(panel(jun)).toHaveCount(0);
});

test("a member asks for a word, and not now is an answer", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", phone);
  const jun = await Person.comes(browser, server.links.member, "Jun", small);
  const noor = await Person.comes(browser, server.links.listener, "Noor", phone);
  await jun.presses("My place");
  await expect(jun.button(/Noor/)).toHaveCount(0);
  await look(jun.page, "place-small");
  await jun.presses("A word with Marisol, aside");
  await saysAside(jun, "Can I say something that is not for everybody?");
  await look(jun.page, "waiting-small");
  await expect(marisol.page.getByRole("heading", { name: "Jun would like a word with you, just the two of you." })).toBeVisible();
  await marisol.presses("Not now");
  await expect(panel(jun)).toContainText("They can’t just now. Nobody needs a reason.");
  await panel(jun).getByRole("button", { name: "Close" }).click();
  await noor.presses("My place");
  await noor.presses("A word with Marisol, aside");
  await marisol.presses("Go");
  await saysAside(noor, "I only listen tonight, but thank you.");
  await expect(panel(marisol)).toContainText("I only listen tonight");
  await look(marisol.page, "keeper-phone");
});

test("a quiet room keeps the place in the circle", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", desktop);
  const kim = await Person.comes(browser, server.links.moderator, "Kim", desktop);
  const jun = await Person.comes(browser, server.links.member, "Jun", phone);
  const abena = await Person.comes(browser, server.links.member, "Abena", phone);
  await marisol.presses("Begin the circle");
  await kim.presses("More for Jun");
  await kim.presses("Quiet room with…");
  await look(kim.page, "who-comes-desktop");
  await kim.presses("Jun and me");
  await expect(jun.page.getByRole("heading", { name: "Kim asks you into a quiet room, just the two of you." })).toBeVisible();
  await jun.presses("Go");
  await expect(jun.page.locator("#notice")).toContainText("You have stepped out. The circle keeps your place.");
  await expect(abena.page.locator("#seats")).toContainText("stepped out, place kept");
  await saysAside(jun, "I needed a moment.");
  await expect(panel(kim)).toContainText("I needed a moment.");
  await look(jun.page, "quiet-phone");
  await look(abena.page, "somebody-out-phone");
  await look(marisol.page, "keeping-while-out-desktop");

  // The stick passes by, and comes to who is back.
  await marisol.presses("Pass");
  await abena.sees("The stick is offered to you");
  await panel(jun).getByRole("button", { name: "Back to the circle" }).click();
  await expect(abena.page.locator("#seats")).not.toContainText("stepped out");
  await expect(panel(jun)).toHaveCount(0);
  await abena.presses("Pass");
  await jun.sees("The stick is offered to you");
  await abena.hasNotHeard("I needed a moment.");
});
