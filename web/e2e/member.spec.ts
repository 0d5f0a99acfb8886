// What a member meets in a circle with an agenda, at phone width: hands,
// wishes, notes, naming the next, a support round, coming late, and what one
// writes for oneself at the end. SHOTS names a folder for pictures of it.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Browser, type Page, type Route } from "@playwright/test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { allLeave, Person } from "./people.ts";
import { Server, type Links } from "./server.ts";

const stages = { welcome: 1, highs: 2, hands: 3, naming: 4, quiet: 5, ending: 6, showing: 7, closing: 8 };
const rules = ["What is said here stays here.", "You never have to share. Passing needs no reason."];
const format = `
name = "tried"
description = "A bit of everything."
opening = "Make some tea."
goodbye = "Go gently."
resources = ["The library has a shelf on this."]
rules = ${JSON.stringify(rules)}
[[stage]]
title = "Welcome"
kind = "lead"
[[stage]]
title = "Highs and lows"
kind = "round"
prompt = "What was a high of your week, and what was a low? A win counts, however small."
[[stage]]
title = "Thinking along"
kind = "round"
order = "hands"
minutes = 30
prompt = "Would you like the circle's ideas? Raise a hand."
[[stage]]
title = "Threads"
kind = "round"
order = "nominate"
prompt = "What touched you? Choose who is next."
[[stage]]
title = "Making time"
kind = "quiet"
minutes = 1
prompt = "One quiet minute."
[[stage]]
title = "To the point"
kind = "round"
turn = "30s"
hard = true
prompt = "One sentence."
[[stage]]
title = "Showing"
kind = "round"
images = true
prompt = "Show what you made."
[[stage]]
title = "Closing round"
kind = "round"
closing = true
prompt = "What is one good thing you take with you?"
`;

const brief = `
name = "brief"
description = "Over in no time."
rules = ${JSON.stringify(rules)}
[[stage]]
title = "One word"
kind = "round"
order = "random"
minutes = 2
prompt = "One word for today."
[[stage]]
title = "Closing round"
kind = "round"
closing = true
`;

let server: Server;
let folder: string;
let links: Links;
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hearth-formats-"));
  writeFileSync(join(folder, "tried.toml"), format);
  writeFileSync(join(folder, "brief.toml"), brief);
  server = new Server("--formats", folder);
  await server.start();
  links = server.circle("Thursday circle", "--format", "tried");
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Does something over a line of its own, as the page would: whatever the board looks like. */
function acts(who: Person, act: string, what: object): Promise<void> {
  return who.page.evaluate(async ([act, what, name]) => {
    const r = await fetch(`${location.pathname}/ticket`, { method: "POST" });
    const { ticket } = await r.json();
    const ws = new WebSocket(`ws://${location.host}/ws`, "hearth.v1");
    const session = crypto.randomUUID().replaceAll("-", "").slice(0, 20);
    ws.onopen = () => ws.send(JSON.stringify({ t: "hello", ticket, session, name }));
    await new Promise<void>((done, fail) => {
      ws.onclose = (e) => fail(new Error(`closed: ${e.code}`));
      ws.onmessage = (m) => {
        const f = JSON.parse(String(m.data));
        if (f.t === "welcome") ws.send(JSON.stringify({ t: "do", n: 1, act, with: what }));
        if (f.t === "answer") return f.refused ? fail(new Error(f.refused.code)) : done();
      };
    });
    ws.onclose = null;
    ws.close();
  }, [act, what, who.name] as const);
}

const goes = (who: Person, from: number, to: number) => acts(who, "stage", { from, to });

/** Looks at a page: axe, light and dark, nothing beside the screen. */
async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/member-${what}-${colorScheme}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${what}: ${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${what} scrolls sideways`).toBeLessThanOrEqual(0);
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/member-${what}-rtl.png` });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${what} scrolls sideways, right to left`).toBeLessThanOrEqual(0);
  await page.evaluate(() => (document.documentElement.dir = "ltr"));
  const small = await page.evaluate(() => [...document.querySelectorAll("#bar button, #bar select, #bar input, #cards button, #words .about button")]
    .filter((el) => el.getClientRects().length && el.getBoundingClientRect().height < 43.5).map((el) => el.id || el.textContent));
  expect(small, `${what}: too small to tap`).toEqual([]);
}

async function three(browser: Browser): Promise<[Person, Person, Person]> {
  const how = { reducedMotion: "reduce" as const };
  return [
    await Person.comes(browser, links.facilitator, "Marisol", { ...how, viewport: { width: 1280, height: 960 } }),
    await Person.comes(browser, links.member, "Jun", { ...how, viewport: { width: 360, height: 640 } }),
    await Person.comes(browser, links.member, "Abena", how),
  ];
}

test("a wish, a note, and who comes late", async ({ browser }) => {
  test.setTimeout(120_000);
  const [marisol, jun, abena] = await three(browser);
  await acts(marisol, "next", { turn: 0 });
  await jun.sees("Marisol leads this part.");
  await look(jun.page, "lead");
  await goes(marisol, stages.welcome, stages.highs);
  await expect(jun.page.locator("#where")).toHaveText("Highs and lows · 1 of 3");
  await expect(jun.page.locator("#then")).toHaveText("then: Thinking along");
  await marisol.presses("Pass");

  await test.step("a wish is chosen while the stick is offered, and shown to the others", async () => {
    await jun.sees("The stick is offered to you");
    await jun.page.getByLabel("What I would like from the others").selectOption("listen");
    await look(jun.page, "offered");
    await jun.presses("Take the stick");
    await expect(abena.page.locator("#wished")).toHaveText("Jun would like you just to listen.");
    await expect(abena.page.locator("#polite")).toContainText("Jun would like you just to listen");
  });

  await test.step("a note folds the words until a reader opens them", async () => {
    await jun.presses("Add a note first");
    await jun.page.getByLabel("What is it about?").fill("about a hospital");
    await look(jun.page, "note");
    await jun.says("They kept her in for nine days.");
    await jun.says("I slept in a chair.");
    await expect(abena.page.locator("#words").getByText("A note first: about a hospital")).toHaveCount(1);
    await abena.hasNotHeard("nine days");
    await look(abena.page, "folded");
    await abena.presses("Show the words of Jun, with the note: about a hospital");
    await abena.hears("nine days");
    await abena.hears("slept in a chair");
    await expect(abena.page.locator("#words h3")).toContainText("just listen, please");
    await jun.says("She is home now.");
    await abena.hears("She is home now.");
    await look(abena.page, "unfolded");
    await marisol.hasNotHeard("She is home now.");
    await expect(jun.page.locator("#words")).toContainText("She is home now.");
  });

  await test.step("who comes late is told where the circle is, and nothing that was said", async () => {
    const sam = await Person.comes(browser, links.member, "Sam", { viewport: { width: 320, height: 640 }, reducedMotion: "reduce" });
    const card = sam.page.getByRole("region", { name: "Good that you are here" });
    await expect(card).toContainText("The circle is at “Highs and lows”.");
    await expect(card).toContainText("What was a high of your week");
    await expect(card).toContainText("One person before you.");
    await expect(card).toContainText("What was said before stays with those who were here.");
    await look(sam.page, "late");
    await card.getByText("How this circle treats one another").click();
    for (const rule of rules) await expect(card).toContainText(rule);
    for (const said of ["hospital", "nine days", "chair", "home now"]) expect(await sam.page.content()).not.toContain(said);
    await card.getByRole("button", { name: "Close" }).click();
    await expect(card).toBeHidden();
    expect(await sam.page.evaluate(() => document.activeElement?.id)).toBe("now");
    await sam.page.reload();
    await sam.inRoom();
    await expect(card).toBeHidden();
    await expect(jun.page.getByText("Good that you are here")).toBeHidden();
  });

  await test.step("the note ends with the turn", async () => {
    await jun.presses("Pass it on");
    await abena.presses("Take the stick");
    await abena.says("Mine was a walk.");
    await jun.hears("Mine was a walk.");
    await expect(jun.page.locator("#words").getByText("A note first:")).toHaveCount(1);
  });

  await test.step("the circle is reminded of its ground rules", async () => {
    await acts(marisol, "remind", {});
    const card = jun.page.getByRole("region", { name: "A reminder for everybody" });
    await expect(card).toContainText(rules[0]!);
    await expect(jun.page.locator("#polite")).toContainText("A reminder for everybody");
    await look(jun.page, "rules");
    await card.getByRole("button", { name: "Close" }).click();
    await expect(card).toBeHidden();
  });
});

test("hands, naming the next, the bell, and a turn that ends", async ({ browser }) => {
  test.setTimeout(180_000);
  const [marisol, jun, abena] = await three(browser);
  await acts(marisol, "next", { turn: 0 });
  await goes(marisol, stages.welcome, stages.hands);

  await test.step("the stick comes to raised hands", async () => {
    await jun.sees("The stick comes to raised hands.");
    await look(jun.page, "hands");
    await jun.presses("Raise my hand");
    await jun.sees("The stick is offered to you");
    await jun.presses("Take the stick");
    await abena.presses("Raise my hand");
    await expect(jun.page.locator("#seats .hand")).toContainText("Abena");
    await abena.sees("Your hand is raised. You are next.");
    await acts(marisol, "hand", { on: true });
    await look(abena.page, "hand-up");
    await abena.presses("Lower my hand");
    await abena.presses("Raise my hand");
    await abena.sees("You are number 2.");
    await abena.presses("Lower my hand");
    await acts(marisol, "hand", { on: false });
    await expect(jun.page.locator("#seats .hand")).toHaveCount(0);
    await jun.presses("Pass it on");
  });

  await test.step("the last speaker names the next", async () => {
    await goes(marisol, stages.hands, stages.naming);
    await marisol.presses("Take the stick");
    await expect(jun.page.locator("#next")).toContainText("still to come: you, Abena");
    await jun.page.getByRole("button", { name: "Raise my hand" }).click(); // in any order, in the corner
    await expect(marisol.page.locator("#seats .hand")).toContainText("Jun");
    await jun.presses("Lower my hand");
    await marisol.presses("Pass it on to…");
    await look(marisol.page, "naming");
    await marisol.page.getByRole("dialog").getByRole("button", { name: "Abena" }).click();
    await abena.sees("The stick is offered to you");
    await abena.presses("Take the stick");
    await look(abena.page, "holding");
  });

  await test.step("moving on waits for the words, and quiet needs nothing", async () => {
    await goes(marisol, stages.naming, stages.quiet);
    await expect(jun.page.locator("#notice")).toContainText("After these words: Making time.");
    await expect(abena.page.locator("#notice")).toContainText("After your words: Making time.");
    await abena.sees("It ends at");
    await look(abena.page, "moving");
    await abena.presses("Pass it on to…");
    await abena.presses("Whoever is next");
    await jun.sees("The circle is quiet until the bell. Nothing to do.");
    await expect(jun.page.locator("#notice")).toContainText("There wasn’t time for you in this round.");
    await expect(abena.page.locator("#notice")).toContainText("There wasn’t time for Jun in this round. They can say it in the closing round.");
    await look(jun.page, "quiet");
    await expect(jun.page.locator("#polite")).toContainText("The bell has rung", { timeout: 75_000 });
    await jun.sees("The bell has rung: the quiet is over.");
  });

  await test.step("a turn ends at its limit, told before, and what is written stays", async () => {
    await goes(marisol, stages.quiet, stages.ending);
    await marisol.presses("Pass");
    await jun.presses("Take the stick");
    await jun.page.getByLabel("Your words").fill("Half a senten");
    await expect(jun.now).toContainText(/It ends at \d\d:\d\d.*Finish your sentence, no rush\./, { timeout: 25_000 });
    await expect(jun.now).toContainText("What you wrote is kept for your turn.", { timeout: 30_000 });
    await goes(marisol, stages.ending, stages.closing);
    await marisol.presses("Pass");
    await jun.sees("You can say both now");
    await jun.presses("Take the stick");
    await expect(jun.page.getByLabel("Your words")).toHaveValue("Half a senten");
    await look(jun.page, "closing");
  });
});

test("an order that was drawn is told, and when the closing round begins", async ({ browser }) => {
  links = server.circle("Short circle", "--format", "brief");
  const [marisol, jun, abena] = await three(browser);
  await acts(marisol, "next", { turn: 0 });
  const seats = jun.page.locator("#seats");
  await expect(seats.getByText("offered the stick")).toHaveCount(1);
  await expect(seats.getByText("next", { exact: true })).toHaveCount(1);
  await expect(seats.getByText("number 2 to come")).toHaveCount(1);
  for (const p of [jun, abena]) await expect(p.page.locator("#notice")).toContainText(/The closing round begins at \d\d:\d\d/);
  await look(abena.page, "closes");
});

test("a round for somebody who would like it", async ({ browser }) => {
  test.setTimeout(120_000);
  const [marisol, jun, abena] = await three(browser);
  await acts(marisol, "next", { turn: 0 });
  const seat = async (name: string) => marisol.page.locator("#seats li", { hasText: name }).getAttribute("data-key");

  await test.step("rather not is as easy as yes", async () => {
    await acts(marisol, "support", { seat: await seat("Jun") });
    const card = jun.page.getByRole("region", { name: "Marisol asks: would you like a support round?" });
    await expect(card).toBeVisible();
    await look(jun.page, "support-asked");
    await expect(abena.page.getByText("support round")).toHaveCount(0);
    await card.getByRole("button", { name: "Rather not" }).click();
    await expect(card).toBeHidden();
  });

  await test.step("one asks for it, and it goes", async () => {
    await jun.presses("My place");
    await jun.presses("I’d like support");
    await expect(jun.page.locator("#notice")).toContainText("Whoever keeps the circle knows");
    await acts(marisol, "support", { seat: await seat("Jun") });
    await expect(abena.page.locator("#where")).toHaveText("This round is for Jun.");
    await marisol.sees("a kind word, if you like");
    await expect(abena.page.locator("#polite")).toContainText("This round is for Jun.");
    await marisol.presses("Take the stick");
    await marisol.says("I think of you.");
    await jun.hears("I think of you.");
    await look(jun.page, "support");
    await jun.presses("That’s enough, thank you");
    await marisol.presses("Pass it on");
    await expect(abena.page.locator("#where")).toHaveText("Welcome");
  });
});

/** A PNG of so many pixels, in one colour. */
function png(width: number, height: number): Buffer {
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const out = Buffer.alloc(8 + body.length);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), 4 + body.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8); // 8 bits, RGB
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(3 * width, Buffer.from([0x86, 0xa3, 0xb8]))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

test("a picture in a turn", async ({ browser }) => {
  test.setTimeout(120_000);
  const [marisol, jun, abena] = await three(browser);
  await acts(marisol, "next", { turn: 0 });
  await goes(marisol, stages.welcome, stages.showing);
  await marisol.presses("Pass");
  await expect(jun.button("Show a picture")).toBeHidden();
  await jun.presses("Take the stick");
  await jun.presses("Show a picture");
  const dialog = jun.page.getByRole("dialog", { name: "Show a picture" });
  const send = dialog.getByRole("button", { name: "Show it to the circle" });
  const choose = (name: string, buffer: Buffer) => dialog.getByLabel("The picture").setInputFiles({ name, mimeType: "image/png", buffer });

  await test.step("what is missing is asked for, and what is no picture is said kindly", async () => {
    await send.click();
    await expect(dialog.getByRole("alert")).toHaveText("Please choose a picture first.");
    await choose("letter.png", Buffer.from("Dear circle"));
    await expect(dialog.getByText("Chosen: letter.png")).toBeVisible();
    await send.click();
    await expect(dialog.getByRole("alert")).toHaveText("Please say in a few words what can be seen.");
    await dialog.getByLabel("What can be seen?").fill("A blue door");
    await send.click();
    await expect(dialog.getByRole("alert")).toContainText(/picture/);
    expect(await dialog.getByRole("alert").innerText()).not.toMatch(/error|invalid|failed/i);
  });

  await test.step("a slow line: it says how far it is, and can be stopped", async () => {
    await choose("door.png", png(400, 300));
    await expect(dialog.getByRole("img", { name: "How the picture looks" })).toBeVisible();
    await look(jun.page, "picture");
    let held: Route | undefined; // never answered
    await jun.page.route("**/picture", (r) => void (held = r));
    await send.click();
    await expect(dialog.getByText(/The picture (is on its way|has arrived)/)).toBeVisible();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog.getByText("Nothing was sent. The picture is still here.")).toBeVisible();
    await held?.abort().catch(() => undefined); // else it could still go out when the way is free again
    await jun.page.unroute("**/picture");
  });

  await test.step("it is shown to everybody, with its words, and nothing jumps", async () => {
    await send.click();
    await expect(dialog).toBeHidden();
    const img = abena.page.getByRole("img", { name: "A blue door" });
    await expect(img).toHaveAttribute("width", "400");
    await expect(img).toHaveAttribute("height", "300");
    await expect.poll(() => img.evaluate((el: HTMLImageElement) => el.complete && el.naturalWidth)).toBe(400);
    await expect(jun.button("Show a picture")).toBeHidden();
    await look(abena.page, "picture-shown");
    expect(await jun.page.locator("#picture-alt").inputValue()).toBe("");
  });

  await test.step("taken back, it is gone", async () => {
    await jun.presses(/^Take back: a picture: A blue door/);
    await expect(abena.page.getByRole("img", { name: "A blue door" })).toHaveCount(0);
    await abena.hears("(taken back)");
  });
});

test("what one writes for oneself stays on the device only if asked to", async ({ browser }) => {
  test.setTimeout(120_000);
  const [marisol, jun, abena] = await three(browser);
  const storage = (p: Person) => p.page.evaluate(() => JSON.stringify({ ...localStorage }));
  await acts(marisol, "next", { turn: 0 });
  await acts(marisol, "close", {});
  for (const p of [jun, abena]) {
    await expect(p.page.getByRole("heading", { name: "The circle is closed" })).toBeVisible();
    await expect(p.page.getByText("Go gently.")).toBeVisible();
    await expect(p.page.getByText("The library has a shelf on this.")).toBeVisible();
    await expect(p.page.getByRole("button", { name: "Someone to call now" })).toBeVisible();
    await p.page.getByLabel("One thing I take away").fill(`${p.name} heard a laugh`);
    await p.page.getByLabel("A note to myself").fill("Call my sister on Sunday");
  }
  await look(jun.page, "after");
  for (const p of [jun, abena]) expect(await storage(p)).toBe("{}");

  await test.step("kept when ticked, gone when not", async () => {
    const box = jun.page.getByLabel("Keep this on this device");
    await box.check();
    expect(await storage(jun)).toContain("Call my sister");
    await expect(jun.page.getByText("Kept on this device.")).toBeVisible();
    await look(jun.page, "after-kept");
    await box.uncheck();
    expect(await storage(jun)).toBe("{}");
    await box.check();
    await jun.presses("Delete what is kept here");
    expect(await storage(jun)).toBe("{}");
    await box.check();
    await jun.page.getByLabel("One thing I take away").fill("A laugh, and tea");
    expect(await storage(jun)).toContain("A laugh, and tea");
  });

  await test.step("it is there the next time, for this person alone", async () => {
    for (const p of [marisol, jun, abena]) {
      await p.page.goto(p === marisol ? links.facilitator : links.member);
      await p.page.waitForURL(/\/c\//);
      await p.door();
    }
    const card = jun.page.getByRole("region", { name: "Last time you wrote" });
    await expect(card).toContainText("A laugh, and tea");
    await expect(card).toContainText("Call my sister on Sunday");
    await look(jun.page, "last-time");
    for (const p of [marisol, abena]) await expect(p.page.getByText("A laugh, and tea")).toHaveCount(0);
    await expect(abena.page.getByText("Last time you wrote")).toHaveCount(0);
  });

  await test.step("leaving quickly empties the device", async () => {
    await jun.page.route("**/forget", (r) => r.abort()); // also when the house can't be asked
    await jun.page.getByRole("link", { name: "Leave quickly" }).click();
    await jun.page.waitForURL("about:blank");
    await jun.page.goto(server.url);
    expect(await storage(jun)).toBe("{}");
  });
});
