// Bad lines, killed servers, shared browsers: the place and the words are kept.
import { expect, test } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Relay, Server } from "./server.ts";

let server: Server;
let relay: Relay;
test.beforeEach(async () => {
  relay = await Relay.open(() => server.port);
  server = new Server("--public-url", relay.url);
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await relay.close();
  await server.remove();
});

test("the server is killed in the middle of a turn", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
  const jun = await Person.comes(browser, server.links.member, "Jun");
  await marisol.presses("Begin the circle");
  await marisol.presses("Pass");
  await jun.presses("Take the stick");
  await jun.says("Before the lights went out.");
  await jun.page.getByLabel("Your words").fill("A draft, half way");

  await server.stop("SIGKILL");
  await expect(jun.page.getByText("The line is down. Your place is kept")).toBeVisible();
  await jun.hears("Before the lights went out.");
  await expect(jun.button("Pass it on")).toHaveAttribute("aria-disabled", "true");
  await jun.presses(/^Help/);
  await expect(jun.page.getByRole("heading", { name: "Someone to call now" })).toBeVisible();
  await jun.page.getByLabel("Where are you?").selectOption("GB");
  await expect(jun.page.getByText("116 123").filter({ visible: true }).first()).toBeVisible();
  await jun.page.keyboard.press("Escape");

  await server.start();
  await expect(jun.page.getByText("The line is down. Your place is kept")).toBeHidden({ timeout: 30_000 });
  await jun.sees("You have the stick");
  await expect(jun.page.getByLabel("Your words")).toHaveValue("A draft, half way");
  await expect(marisol.page.locator("#seats")).toContainText("Jun");
  await expect(jun.page.locator("#seats")).toContainText("Marisol", { timeout: 30_000 });
  await jun.presses("Say it");
  await marisol.hears("A draft, half way");
});

test("the server restarts in the middle of a turn", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
  const jun = await Person.comes(browser, server.links.member, "Jun");
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  await marisol.says("Before the restart.");
  await marisol.page.getByLabel("Your words").fill("A draft, half way");
  await server.stop("SIGTERM");
  await expect(marisol.page.getByText("The house is restarting.")).toBeVisible();
  await expect(marisol.button("Say it")).toHaveAttribute("aria-disabled", "true");
  await server.start();
  await expect(marisol.page.getByText("The house is restarting.")).toBeHidden({ timeout: 30_000 });
  await marisol.sees("You have the stick");
  await marisol.hears("Before the restart.");
  await expect(marisol.page.getByText("Our records skipped back")).toBeHidden();
  await marisol.presses("Say it");
  await jun.hears("A draft, half way");
});

test("a line drops in a turn and comes back", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
  const jun = await Person.comes(browser, server.links.member, "Jun");
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  relay.cut();
  await expect(jun.page.getByText("The line is down. Your place is kept")).toBeVisible();
  relay.mend();
  await marisol.sees("You have the stick");
  await expect(marisol.page.getByText("The line is down. Your place is kept")).toBeHidden({ timeout: 30_000 });
  await expect(jun.page.getByText("The line is down. Your place is kept")).toBeHidden({ timeout: 30_000 });
  await marisol.says("Here I am again.");
  await jun.hears("Here I am again.");
});

test("a second tab of one seat closes, and nothing changes", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
  const jun = await Person.comes(browser, server.links.member, "Jun");
  await marisol.presses("Begin the circle");
  await marisol.presses("Pass");
  await jun.presses("Take the stick");
  const tab = new Person("Jun", await jun.page.context().newPage());
  await tab.page.goto(jun.page.url());
  await tab.door();
  await tab.sees("You have the stick");
  await tab.page.close();
  await jun.says("Still mine.");
  await marisol.hears("Still mine.");
  await expect(marisol.page.getByText("line dropped")).toHaveCount(0);
});

test("several links open in one browser", async ({ browser }) => {
  const context = await browser.newContext();
  const people: Person[] = [];
  for (const [role, name] of [["facilitator", "Marisol"], ["member", "Jun"], ["listener", "Noor"], ["moderator", "Kim"]] as const) {
    const page = await context.newPage();
    await page.goto(server.links[role]);
    await page.waitForURL(/\/c\//);
    const p = new Person(name, page);
    await p.door();
    people.push(p);
  }
  const [marisol, jun, noor, kim] = people as [Person, Person, Person, Person];
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  await marisol.says("All in one browser.");
  for (const p of [jun, noor, kim]) await p.hears("All in one browser.");
});

test("a link pasted over another page of the way in opens too", async ({ browser }) => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.url}/enter`);
  await page.goto(server.links.member); // only the fragment differs
  await expect(page).toHaveURL(/\/c\//);
});

test("leaving quickly leaves nothing behind", async ({ browser }) => {
  const jun = await Person.comes(browser, server.links.member, "Jun");
  for (let i = 0; i < 3; i++) await jun.page.keyboard.press("Shift");
  await expect(jun.page).not.toHaveURL(/\/c\//);
  await jun.page.goto(server.url);
  expect(await jun.page.evaluate(() => sessionStorage.length + localStorage.length)).toBe(0);
  await expect.poll(() => jun.page.context().cookies()).toEqual([]);
  await jun.page.goBack().catch(() => null);
  await expect(jun.page.locator("body")).not.toContainText("Jun");
});

test("a page asks nobody but its own house, and breaks no policy", async ({ browser }) => {
  const context = await browser.newContext();
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  context.on("request", (r) => {
    if (new URL(r.url()).origin !== server.url) elsewhere.push(r.url());
  });
  context.on("console", (m) => {
    if (m.type() === "error") complaints.push(m.text());
  });
  const page = await context.newPage();
  await page.goto(server.links.member);
  await page.waitForURL(/\/c\//);
  const jun = new Person("Jun", page);
  await jun.door();
  await page.goto(`${server.url}/help`);
  await page.goto(server.url);
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});

test("without script the code of a link goes into a field", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel(/code/i).fill(server.links.member);
  await page.getByRole("button", { name: "Go to my circle" }).click();
  await expect(page).toHaveURL(/\/c\//);
  await expect(page.getByText("Someone to call now").first()).toBeVisible();
});
