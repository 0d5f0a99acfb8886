// The board of whoever keeps a circle with an agenda: the stages held from
// the page alone, tonight edited, people put in another order, the chair
// given on. SHOTS names a folder for pictures of it.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Browser, type BrowserContextOptions, type Locator, type Page } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server, type Links } from "./server.ts";

const desktop = { viewport: { width: 1280, height: 960 }, reducedMotion: "reduce" } satisfies BrowserContextOptions;

let server: Server;
let links: Links;
test.beforeEach(async () => {
  server = new Server();
  await server.start();
  links = server.circle("Highs and lows", "--format", "peer-support");
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

async function come(browser: Browser, ...names: string[]): Promise<Person[]> {
  const all: Person[] = [];
  for (const name of names) all.push(await Person.comes(browser, links.member, name, { reducedMotion: "reduce" }));
  return all;
}

/** The stage that the agenda marks as the present one. */
function present(page: Page): Locator {
  return page.locator(".agenda [aria-current=step] .what");
}

/** Who is still to come, in order, by the labels of their grips. */
function order(page: Page, list = ".people"): Promise<string[]> {
  return page.locator(`.board ${list} .grip:visible`).evaluateAll((all) => all.map((b) => /^Move (.*), \d/.exec(b.getAttribute("aria-label") ?? "")![1]!));
}

async function goesOn(p: Person, title: string, asks = false): Promise<void> {
  await p.page.locator("#tonight-stage").click();
  if (asks) await p.page.locator("#ask").getByRole("button", { name: `Go on to: ${title}` }).click();
  await expect(present(p.page)).toHaveText(title);
}

/** What axe finds, light and dark; that nothing scrolls sideways; and a picture. */
async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/board-${what}-${colorScheme}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${what}: ${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  const over = await page.evaluate(() => [...document.querySelectorAll("html, dialog[open], .side")].map((el) => el.scrollWidth - el.clientWidth));
  expect(Math.max(...over), `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** That everything to press in a place is at least 44 px each way. */
async function bigEnough(page: Page, where: string): Promise<void> {
  const small = await page.locator(`${where} :is(button, select, input, textarea):visible`).evaluateAll((all) =>
    all.map((el) => ({ el, box: el.getBoundingClientRect() })).filter(({ box }) => box.width < 44 || box.height < 44).map(({ el, box }) => `${el.getAttribute("aria-label") ?? el.textContent}: ${box.width} × ${box.height}`));
  expect(small).toEqual([]);
}

test("somebody new to it holds a circle from the board alone", async ({ browser }) => {
  test.setTimeout(120_000);
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", desktop);
  const [jun, abena] = (await come(browser, "Jun", "Abena")) as [Person, Person];
  const { page } = marisol;
  const says = page.locator(".step");
  const bar = page.locator("#keeping");

  await expect(page.getByRole("heading", { name: "Tonight · 60 minutes" })).toBeVisible();
  await expect(says).toContainText("First comes: Arrival");
  await look(page, "gathering");
  await marisol.presses("Begin the circle");
  await expect(present(page)).toHaveText("Arrival");
  await expect(says).toContainText("Anyone may speak");
  await expect(page.getByRole("heading", { name: "Tonight · 60 minutes left" })).toBeVisible();
  await expect(page.locator(".agenda li").filter({ hasText: "Closing round" })).toContainText("kept free");
  await goesOn(marisol, "Ground rules");
  await expect(page.locator(".cue")).toContainText("Say in your own words what this circle is for");
  await marisol.presses("Show ground rules");
  await expect(jun.page.getByRole("heading", { name: "A reminder for everybody" })).toBeVisible();
  await goesOn(marisol, "Highs and lows");
  await expect(page.locator(".agenda .past")).toHaveCount(2);
  await marisol.presses("Take the stick");
  await marisol.says("My low was Monday.");
  await marisol.presses("Pass it on");
  await jun.presses("Take the stick");
  await jun.says("The low was Sunday.");
  await expect(says).toContainText("next comes Abena");
  await look(page, "round");

  // Somebody waits and somebody speaks: it asks, and tells whoever speaks.
  await page.locator("#tonight-stage").click();
  await expect(page.getByRole("heading", { name: "Abena hasn’t had the stick yet" })).toBeVisible();
  await look(page, "waits-ask");
  await marisol.presses("Stay here");
  await goesOnAfter(marisol, jun);

  // Everybody had the stick in the closing round: going on is what stands out.
  await goesOn(marisol, "Closing round");
  for (const p of [marisol, jun, abena]) await p.presses("Pass");
  await expect(says).toContainText("Everybody was offered the stick");
  await expect(page.locator("#tonight-stage")).toHaveClass(/lead/);
  await expect(bar.getByRole("button", { name: "Go on to: Before you go" })).toHaveClass(/lead/);
  await look(page, "round-over");
  await bar.getByRole("button", { name: "Go on to: Before you go" }).click();
  await expect(present(page)).toHaveText("Before you go");
  await goesOn(marisol, "After-talk");
  await expect(page.locator("#tonight-stage")).toHaveCount(0);
  await expect(says).toContainText("Close the circle when everybody has said goodbye");
  await marisol.presses("Close the circle");
  await marisol.presses("Close it");
  await expect(jun.page.getByRole("heading", { name: "The circle is closed" })).toBeVisible();
});

/** From "Highs and lows" on while somebody speaks: after their words. */
async function goesOnAfter(keeper: Person, speaker: Person): Promise<void> {
  const { page } = keeper;
  await page.locator("#tonight-stage").click();
  await page.locator("#ask").getByRole("button", { name: "Go on to: What helps" }).click();
  await expect(page.locator(".step")).toContainText("After Jun’s words: What helps");
  await expect(present(page)).toHaveText("Highs and lows");
  await look(page, "moving");
  await speaker.presses("Pass it on");
  await expect(present(page)).toHaveText("What helps");
  await page.locator("#tonight-back").click();
  await expect(present(page)).toHaveText("Highs and lows");
  await page.locator("#tonight-stage").click();
  await page.locator("#ask").getByRole("button", { name: "Go on to: What helps" }).click();
  await expect(present(page)).toHaveText("What helps");
}

test("a stage's time is over, and there can be more of it", async ({ browser }) => {
  const context = await browser.newContext(desktop);
  const page = await context.newPage();
  await page.clock.install();
  const marisol = new Person("Marisol", page);
  await page.goto(links.facilitator);
  await page.waitForURL(/\/c\//);
  await marisol.door();
  await marisol.presses("Begin the circle");
  await expect(page.locator("#tonight-stage")).not.toHaveClass(/lead/);
  await page.clock.setSystemTime(Date.now() + 6 * 60_000);
  await page.evaluate(() => dispatchEvent(new Event("resize"))); // drawn every 10 s anyway
  await expect(page.locator(".agenda .present")).toContainText("1 min over");
  await expect(page.locator(".step")).toContainText("The time for this is over");
  await expect(page.locator("#tonight-stage")).toHaveClass(/lead/);
  await expect(page.getByRole("heading", { name: "Tonight · 54 minutes left" })).toBeVisible();
  await look(page, "time-over");
  await marisol.presses("5 more minutes");
  await expect(page.locator(".agenda .present")).toContainText("6 of 10 min");
  await expect(page.locator("#tonight-stage")).not.toHaveClass(/lead/);
});

test("tonight is edited, by two at once", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", desktop);
  const kofi = await Person.comes(browser, links.facilitator, "Kofi", { viewport: { width: 360, height: 640 }, reducedMotion: "reduce" });
  await marisol.presses("Begin the circle");
  const mine = marisol.page.locator("#plan");
  const his = kofi.page.locator("#plan");
  await marisol.presses("Edit tonight…");
  await kofi.presses("Board");
  await kofi.presses("Edit tonight…");
  await look(kofi.page, "plan-360");
  await bigEnough(kofi.page, "#plan");

  await mine.getByRole("button", { name: "Move up: What helps" }).click();
  await expect(mine.getByRole("button", { name: "Move up: What helps" })).toBeFocused();
  await expect(mine.getByRole("status")).toHaveText("What helps is number 2 of 6 now.");
  await mine.getByRole("button", { name: "Less time: Highs and lows" }).click();
  await mine.getByRole("button", { name: "Title, question and more: What helps" }).click();
  await mine.getByRole("textbox", { name: "What is asked" }).fill("What got you through?");
  await look(marisol.page, "plan-words");

  await his.getByRole("button", { name: "Title, question and more: Ground rules" }).click();
  await his.getByRole("button", { name: "Leave out tonight" }).click();
  await expect(his.getByText("Ground rules is left out.").first()).toBeVisible();
  await his.getByRole("button", { name: "Put back: Ground rules" }).click();
  await his.getByRole("button", { name: "Title, question and more: Ground rules" }).click();
  await his.getByRole("button", { name: "Leave out tonight" }).click();
  await his.getByRole("button", { name: "Save" }).click();
  await expect(his).toBeHidden();

  await expect(mine.getByRole("status")).toContainText("This is how it stands now, with your changes put back in");
  await expect(mine.locator(".plan > li b")).toHaveText(["What helps", "Highs and lows", "Closing round", "Before you go", "After-talk"]);
  await expect(mine.getByRole("textbox", { name: "What is asked" })).toHaveValue("What got you through?");
  await look(marisol.page, "plan-changed");
  await mine.getByRole("button", { name: "Save" }).click();
  await expect(mine).toBeHidden();
  await expect(marisol.page.locator(".agenda .what")).toHaveText(["Arrival", "What helps", "Highs and lows", "Closing round", "Before you go", "After-talk"]);
  await expect(marisol.page.locator(".agenda li").filter({ hasText: "Highs and lows" })).toContainText("20 min");
  await expect(kofi.page.locator(".agenda .what")).toHaveText(["Arrival", "What helps", "Highs and lows", "Closing round", "Before you go", "After-talk"]);
  await goesOn(marisol, "What helps");
  await expect(kofi.page.locator("#prompt")).toHaveText("What got you through?");
});

test("two save in the same moment: the later one is told kindly, and loses nothing", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", desktop);
  const kofi = await Person.comes(browser, links.facilitator, "Kofi", desktop);
  for (const p of [marisol, kofi]) await p.presses("Edit tonight…");
  await marisol.page.locator("#plan").getByRole("button", { name: "More time: Arrival" }).click();
  await kofi.page.locator("#plan").getByRole("button", { name: "More time: What helps" }).click();
  await Promise.all([marisol, kofi].map((p) => p.page.locator("#plan").getByRole("button", { name: "Save" }).click()));
  const open = async (p: Person) => (await p.page.locator("#plan[open]").count()) === 1;
  await expect.poll(async () => Number(await open(marisol)) + Number(await open(kofi))).toBeLessThan(2);
  for (const later of [marisol, kofi]) {
    if (!(await open(later))) continue; // saved, or had seen the other's change before the press
    await expect(later.page.locator("#plan").getByRole("status")).toContainText("how it stands now");
    // Where the other's change came before the first press was answered, that press may be taken meanwhile.
    await later.page.locator("#plan").getByRole("button", { name: "Save" }).click({ timeout: 3000 }).catch(() => {});
    await expect(later.page.locator("#plan")).toBeHidden();
  }
  for (const p of [marisol, kofi]) {
    await expect(p.page.locator(".agenda li").filter({ hasText: "Arrival" })).toContainText("10 min");
    await expect(p.page.locator(".agenda li").filter({ hasText: "What helps" })).toContainText("20 min");
  }
});

test("a stage is added, and the closing round stays", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", { ...desktop, viewport: { width: 320, height: 640 } });
  await marisol.presses("Board");
  await look(marisol.page, "sheet-320");
  await bigEnough(marisol.page, "#sheet");
  await marisol.presses("Edit tonight…");
  const plan = marisol.page.locator("#plan");
  await expect(plan.getByText(/The closing round begins at .*, it ends about .*, if you begin now/)).toBeVisible();
  await plan.getByRole("button", { name: "Title, question and more: Closing round" }).click();
  await expect(plan.getByText("not left out").filter({ visible: true })).toHaveCount(1);
  await expect(plan.getByRole("button", { name: "Leave out tonight" })).toBeHidden();
  await plan.getByRole("button", { name: "Add a stage" }).click();
  await plan.getByLabel("How does it go?").selectOption("Quiet, with a bell");
  await expect(plan.getByLabel("Who speaks next?")).toBeHidden();
  await plan.getByLabel("How does it go?").selectOption("A round with the stick");
  await plan.getByLabel("Who speaks next?").selectOption("raised hands, first come");
  await plan.getByLabel("Time for each").selectOption("2 minutes");
  await plan.getByRole("textbox", { name: "Title" }).last().fill("Wins");
  await plan.getByRole("textbox", { name: "What is asked" }).last().fill("What went well?");
  await look(marisol.page, "plan-add-320");
  await plan.getByRole("button", { name: "Add it" }).click();
  await expect(plan.getByRole("button", { name: "Title, question and more: Wins" })).toBeFocused();
  await expect(plan.getByText("A round with the stick · raised hands, first come · 2 minutes each")).toBeVisible();

  // Closed without saving it is still there; nothing has changed for the circle.
  await marisol.page.keyboard.press("Escape");
  await expect(marisol.page.locator(".agenda .what").filter({ hasText: "Wins" })).toHaveCount(0);
  await marisol.presses("Edit tonight…");
  await expect(plan.getByRole("status")).toContainText("They are not saved yet");
  await plan.getByRole("button", { name: "Save" }).click();
  await expect(marisol.page.locator(".agenda .what")).toHaveText(["Arrival", "Ground rules", "Highs and lows", "What helps", "Wins", "Closing round", "Before you go", "After-talk"]);
});

test("the order is changed by keyboard, by dragging, and with “…”", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", desktop);
  await come(browser, "Jun", "Abena", "Sam", "Theo");
  const { page } = marisol;
  await marisol.presses("Begin the circle");
  await goesOn(marisol, "Ground rules");
  await goesOn(marisol, "Highs and lows");
  await marisol.presses("Pass");
  await expect.poll(() => order(page)).toEqual(["Abena", "Sam", "Theo"]);

  await page.getByRole("button", { name: "Move Theo, 3 of 3" }).focus();
  await page.keyboard.press("ArrowUp");
  await expect(page.getByRole("button", { name: "Move Theo, 2 of 3" })).toBeFocused();
  await expect(page.locator(".board [role=status]")).toHaveText("Theo is number 2 of 3 now.");
  await page.keyboard.press("End");
  await expect.poll(() => order(page)).toEqual(["Abena", "Sam", "Theo"]);

  await page.getByRole("button", { name: "Move Theo, 3 of 3" }).scrollIntoViewIfNeeded();
  await drag(page, "Theo", "Abena");
  await page.mouse.up();
  await expect.poll(() => order(page)).toEqual(["Theo", "Abena", "Sam"]);
  await expect(page.locator("#ask")).toBeHidden();

  await marisol.presses("More for Sam");
  await marisol.presses("Change their place…");
  await marisol.presses("Move up");
  await expect(page.getByRole("heading", { name: "Sam: 2 of 3" })).toBeVisible();
  await look(page, "place");
  await marisol.presses("Done");
  expect(await order(page)).toEqual(["Theo", "Sam", "Abena"]);
});

/** Picks somebody's row up and holds it above another's. */
async function drag(page: Page, who: string, above: string): Promise<void> {
  const grip = (name: string) => page.getByRole("button", { name: new RegExp(`^Move ${name},`) });
  const [from, to] = [(await grip(who).boundingBox())!, (await grip(above).boundingBox())!];
  await page.mouse.move(from.x + 22, from.y + 22);
  await page.mouse.down();
  await page.mouse.move(from.x + 22, from.y - 10, { steps: 4 });
  await page.mouse.move(to.x + 22, to.y - 4, { steps: 4 });
}

test("somebody leaves while they are dragged", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", desktop);
  const [, , theo] = await come(browser, "Jun", "Abena", "Theo");
  const { page } = marisol;
  await expect.poll(() => order(page)).toEqual(["Marisol", "Jun", "Abena", "Theo"]);
  await page.getByRole("button", { name: "Move Theo, 4 of 4" }).scrollIntoViewIfNeeded();
  await drag(page, "Theo", "Jun");
  await look(page, "drag");
  await theo!.presses("My place");
  await theo!.presses("Leave the circle");
  await theo!.presses("Just leave");
  await expect.poll(() => order(page)).toEqual(["Marisol", "Jun", "Abena"]);
  await page.mouse.up();
  await expect(page.locator(".board [role=status]")).toHaveText("Theo has just left the list. Nothing else was moved.");
  await expect(page.locator(".put-before, .put-after, .dragged")).toHaveCount(0);
  await drag(page, "Abena", "Jun");
  await page.mouse.up();
  await expect.poll(() => order(page)).toEqual(["Marisol", "Abena", "Jun"]);
});

test("hands, support and tasks are on the board", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", desktop);
  const [jun, abena] = (await come(browser, "Jun", "Abena")) as [Person, Person];
  const { page } = marisol;
  await marisol.presses("Begin the circle");
  for (const p of [abena, jun]) await p.page.getByRole("button", { name: "Raise my hand" }).first().click();
  await expect(page.locator(".hands b")).toHaveText(["Abena", "Jun"]);
  await marisol.presses("More for Jun");
  await marisol.presses("A task for tonight…");
  await marisol.presses("Keep the time");
  await marisol.presses("Done");
  await expect(jun.page.locator("#stage-clock")).toContainText("You keep the time. Arrival: 0 of 5 min");
  await expect(page.locator(".board .people:not(.hands) li").filter({ hasText: "Jun" })).toContainText("keeps the time");
  await marisol.presses("More for Abena");
  await marisol.presses("Offer a support round");
  await expect(page.getByText("You asked Abena about a support round")).toBeVisible();
  await look(page, "wants");
  await abena.presses("Yes please");
  await expect(page.locator(".step")).toContainText("This round is for Abena");
  await marisol.presses("Pass");
  await jun.presses("Pass");
  await abena.presses("Pass");
  await expect(page.locator(".step")).toContainText("Anyone may speak");
  await page.locator(".people:not(.hands)").getByRole("button", { name: "Offer to Jun" }).click();
  await expect(page.locator(".step")).toContainText("this stage goes on by itself");
  await jun.presses("Pass");
  await expect(page.locator("#draft")).toBeVisible();
});

test("a deputy sees the same board, and gives the chair back", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", desktop);
  const jun = await Person.comes(browser, links.member, "Jun", desktop);
  await marisol.presses("Begin the circle");
  await marisol.presses("More for Jun");
  await marisol.presses("Hand over the chair…");
  await marisol.presses("Hand it over");
  await expect(present(jun.page)).toHaveText("Arrival");
  await goesOn(jun, "Ground rules");
  await look(jun.page, "deputy");
  await jun.presses("Give the chair back to Marisol");
  await expect(jun.page.locator(".board")).toBeHidden();
  await goesOn(marisol, "Highs and lows");
});
