// From a report to somebody who can come back, over two nodes: a guest reports,
// two moderators see it, one decides, the other one judges the appeal; and a
// call for help that nobody takes rings a bell outside.
import { createServer, type Server as Listener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, type Browser, type Page } from "@playwright/test";
import { Cluster, missing } from "./cluster.ts";
import { atDesk, card, part, press } from "./moderators.ts";
import { allLeave, Person } from "./people.ts";

test.skip(missing() !== "" && process.env.CI !== "true", `without ${missing()}: several nodes`);
test.use({ actionTimeout: 15_000 });

let cluster: Cluster;
let pager: Listener;
let calls: { case: number; step: string; desk: string }[];

test.beforeEach(async () => {
  test.setTimeout(300_000);
  calls = [];
  pager = createServer((req, res) => {
    let body = "";
    req.on("data", (b) => (body += b));
    req.on("end", () => {
      calls.push(JSON.parse(body));
      res.end();
    });
  });
  await new Promise<void>((resolve) => pager.listen(0, "127.0.0.1", resolve));
  process.env.HEARTH_ON_CALL_WEBHOOK = `http://127.0.0.1:${(pager.address() as AddressInfo).port}/`;
  cluster = new Cluster();
  await cluster.start();
});
test.afterEach(async ({ browser }) => {
  delete process.env.HEARTH_ON_CALL_WEBHOOK;
  await allLeave(browser);
  await cluster.remove();
  pager.closeAllConnections();
  await new Promise((resolve) => pager.close(resolve));
});

/** A moderator at the desk of a node. */
const deskOf = (browser: Browser, name: string, url: string) => atDesk(browser, { url, hearth: (...args) => cluster.hearth(url, ...args) }, name);

const report = (page: Page) => page.locator("dialog#report");

/** Whoever reported is told how far it has come, in the room. */
const told = (page: Page, what: string) => expect(page.locator("body")).toContainText(what, { timeout: 30_000 });

async function take(page: Page, what: string): Promise<void> {
  await card(page, what).getByRole("link").click();
  await press(page, "Take it");
  await expect(page.getByText(/^You have it until/)).toBeVisible();
}

test("a report of words, from a guest to an appeal that is granted", async ({ browser }) => {
  const [one, two] = cluster.nodes.map((n) => n.url) as [string, string];
  const kim = await deskOf(browser, "Kim", one);
  const lou = await deskOf(browser, "Lou", two);
  const marisol = await Person.comes(browser, cluster.link("facilitator", one), "Marisol", { viewport: { width: 1280, height: 900 } });
  const sam = await Person.comes(browser, cluster.link("member", one), "Sam");
  const rue = await Person.comes(browser, cluster.link("member", two), "Rue");
  const hard = "Nobody here would miss you.";

  await test.step("the guest reports words, on another node than whoever said them", async () => {
    await marisol.presses("Begin the circle");
    await marisol.presses("Pass");
    await sam.presses("Take the stick");
    await sam.says(hard);
    await rue.hears(hard);
    await rue.page.locator("#open-help").click();
    await rue.presses("Something is wrong here");
    await report(rue.page).getByLabel("Who or what is it about?").selectOption({ label: "Sam" });
    await report(rue.page).getByText("Told someone to hurt themselves").click();
    await report(rue.page).getByRole("checkbox", { name: new RegExp(hard) }).check();
    await report(rue.page).getByRole("button", { name: "Send" }).click();
    const from = Date.now();
    await expect(report(rue.page)).toContainText("It has arrived");
    await Promise.all([kim, lou].map((p) => expect(card(p, "Told someone to hurt themselves")).toBeVisible()));
    test.info().annotations.push({ type: "measured", description: `both desks showed it ${Date.now() - from} ms after “Send”` });
  });

  await test.step("one takes it, reads it and mutes", async () => {
    await take(kim, "Told someone to hurt themselves");
    await expect(card(lou, "Told someone to hurt themselves")).toContainText("Kim has it");
    await told(rue.page, "A person is looking at it");
    await press(kim, /^Open what was said/);
    await expect(part(kim, "What was said and written")).toContainText(hard);
    await kim.getByRole("radio", { name: /^Mute/ }).check();
    await kim.getByLabel("Your sentence to them").fill("You told somebody that they would not be missed.");
    await kim.getByLabel("Keep the case open after this").check();
    await press(kim, "Do it");
    await expect(sam.page.locator("body")).toContainText("You told somebody that they would not be missed.");
    await expect(sam.page.getByLabel("Your words")).toBeHidden();
    for (const p of [marisol, rue]) await expect(p.page.locator("body")).not.toContainText("would not be missed");
  });

  await test.step("then keeps out: why, until when, how to appeal", async () => {
    await kim.getByRole("radio", { name: /^Keep out/ }).check();
    await kim.getByLabel("Your sentence to them").fill("You went on after you were asked to stop.");
    await press(kim, "Do it");
    await press(kim, "Keep them out");
    await expect(sam.page.locator("body")).toContainText("You went on after you were asked to stop.");
    await expect(sam.page.locator("body")).toContainText("Until");
    await expect(sam.page.locator('a[href*="/appeal#"]').first()).toBeAttached();
    await told(rue.page, "A person has looked at it, and it is closed");
    await expect(rue.page.locator("body")).not.toContainText("went on after");
  });
  if (process.env.SHOTS) for (const [who, page] of Object.entries({ kim, sam: sam.page, rue: rue.page })) await page.screenshot({ path: `${process.env.SHOTS}/moderation-${who}.png` });

  const appeal = (await sam.page.locator('a[href*="/appeal#"]').first().getAttribute("href"))!.split("#")[1]!;
  await test.step("another link, on another node, leads to the same answer", async () => {
    await sam.page.goto(cluster.link("member", two));
    await expect(sam.page.getByRole("heading", { name: "You can’t come in here at the moment" })).toBeVisible();
    await expect(sam.page.locator("main")).toContainText("You went on after you were asked to stop.");
  });

  await test.step("the appeal is the other moderator's, who takes it back", async () => {
    await sam.page.goto(`${two}/appeal#${appeal}`);
    await sam.page.locator("textarea").fill("I was quoting what was said to me.");
    await press(sam.page, "Send it");
    await expect(sam.page.getByRole("heading", { name: "Thank you. It is with us" })).toBeVisible();
    await card(kim, "another look").getByRole("link").click();
    await expect(kim.getByText("You decided this, so somebody else looks at it again.")).toBeVisible();
    await take(lou, "another look");
    await expect(lou.getByText("I was quoting what was said to me.")).toBeVisible();
    await lou.getByRole("radio", { name: "The decision is taken back" }).check();
    await press(lou, "Answer");
    await expect(lou.getByText(/^Answered on/)).toBeVisible();
  });

  await test.step("and they can come back", async () => {
    await sam.page.goto(`${one}/appeal#${appeal}`);
    await expect(sam.page.getByRole("heading", { name: "The decision was taken back" })).toBeVisible();
    await sam.page.goto(cluster.link("member", one));
    await sam.page.waitForURL(/\/c\//);
    await sam.door();
    await expect(marisol.page.locator("#seats")).toContainText("Sam");
  });
});

test("somebody who is not OK: nobody takes it for a minute, and a bell rings outside", async ({ browser }) => {
  const [one, two] = cluster.nodes.map((n) => n.url) as [string, string];
  const kim = await deskOf(browser, "Kim", one);
  const lou = await deskOf(browser, "Lou", two);
  await kim.getByLabel("For how long?").first().selectOption("2");
  await press(kim, "I’m on call");
  await expect(lou.locator(".on-call")).toContainText("Kim, until");
  const marisol = await Person.comes(browser, cluster.link("facilitator", one), "Marisol", { viewport: { width: 1280, height: 900 } });
  const abena = await Person.comes(browser, cluster.link("member", two), "Abena");
  await abena.page.locator("#open-help").click();
  await abena.presses(/I’m worried about someone, or/);
  await report(abena.page).getByText("I’m not OK myself").click();
  await report(abena.page).getByLabel("What would you like to say?").fill("I don't want to go on.");
  await report(abena.page).getByRole("button", { name: "Send" }).click();
  await expect(report(abena.page)).toContainText("It has arrived");
  await expect(report(abena.page)).not.toContainText("Nobody is on call");
  for (const p of [kim, lou]) await expect(card(p, "Somebody says they are not OK")).toBeVisible();
  expect(calls).toEqual([]);
  await expect.poll(() => calls.length, { timeout: 90_000 }).toBe(1);
  expect(calls[0]!.step).toBe("call");
  expect(JSON.stringify(calls)).not.toMatch(/Abena|go on|self|care/);
  await take(lou, "Somebody says they are not OK");
  await press(lou, /^Open what was said/);
  await expect(part(lou, "What was said and written")).toContainText("I don't want to go on.");
  await told(abena.page, "A person is looking at it");
  await press(lou, "I’m with them");
  await lou.getByRole("radio", { name: "They were handed over to a helpline" }).check();
  await press(lou, "That is how it ended");
  await expect(lou.locator(".case-facts")).toContainText("handed over to a helpline");
  await abena.hasNotHeard("helpline");
  await expect(marisol.page.locator("body")).not.toContainText("don't want to go on");
  expect(calls.length).toBe(1);
});
