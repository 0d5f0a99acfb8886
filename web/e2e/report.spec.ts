// Get help or report, as a guest does it: in the room on a phone, for oneself,
// at the door, after being removed, and from outside without script.
import { expect, test, type Page } from "@playwright/test";
import { fits } from "./looks.ts";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

const server = new Server();
test.beforeAll(() => server.start());
test.beforeEach(() => test.setTimeout(120_000));
test.afterAll(() => server.remove());
test.afterEach(({ browser }) => allLeave(browser));

let circles = 0;

const dialog = (page: Page) => page.locator("dialog#report");

const looksFine = (page: Page, name: string) => fits(page, `report-${name}`);

/** A circle of Marisol, who keeps it, Jun and Abena; Jun has the stick. */
async function circle(browser: Parameters<typeof Person.comes>[0], width = 390): Promise<{ keeper: Person; jun: Person; abena: Person }> {
  const links = server.circle(`Circle ${++circles}`, "--prompt", "How was your week?");
  const keeper = await Person.comes(browser, links.facilitator, "Marisol", { viewport: { width: 1280, height: 960 } });
  const jun = await Person.comes(browser, links.member, "Jun");
  const abena = await Person.comes(browser, links.member, "Abena", { viewport: { width, height: 740 } });
  await keeper.presses("Begin the circle");
  await keeper.presses("Pass");
  await jun.presses("Take the stick");
  return { keeper, jun, abena };
}

test("a guest reports words that were taken back, on a small phone", async ({ browser }) => {
  const { jun, abena } = await circle(browser, 320);
  await jun.says("Nobody here would miss you.");
  await abena.hears("Nobody here would miss you.");
  await jun.presses(/^Take back/);
  await abena.hasNotHeard("Nobody here would miss you.");
  await abena.page.locator("#open-help").click();
  await looksFine(abena.page, "help-320");
  await abena.presses("Something is wrong here");
  const d = dialog(abena.page);
  await expect(d.getByRole("heading", { name: "Something is wrong here" })).toBeFocused();
  await d.getByRole("button", { name: "Send" }).click();
  await expect(d.getByRole("alert")).toContainText("who or what");
  await d.getByLabel("Who or what is it about?").selectOption({ label: "Jun" });
  await d.getByText("Told someone to hurt themselves").click();
  const words = d.getByRole("checkbox", { name: /Nobody here would miss you/ });
  await words.check();
  await expect(d).toContainText("taken back");
  await d.getByLabel("In your own words").fill("I can't sleep since. <script>alert(1)</script>");
  await looksFine(abena.page, "conduct-320");
  await d.getByRole("button", { name: "Send" }).click();
  await expect(d.getByRole("heading", { name: "It has arrived" })).toBeFocused();
  await expect(d).toContainText("Nobody is on call just now");
  await looksFine(abena.page, "sent-320");
  await abena.page.keyboard.press("Escape");
  await expect(d).toBeHidden();
});

test("what is typed stays when it is closed, or doesn't go out", async ({ browser }) => {
  const { abena } = await circle(browser);
  await abena.page.locator("#open-help").click();
  await abena.presses(/I’m worried about someone, or/);
  const d = dialog(abena.page);
  await d.getByText("I’m not OK myself").click();
  await d.getByLabel("What would you like to say?").fill("It is all too much.");
  await abena.page.route("**/report", (r) => r.abort());
  await d.getByRole("button", { name: "Send" }).click();
  await expect(d.getByRole("alert")).toContainText("still here");
  await abena.page.unroute("**/report");
  await abena.page.keyboard.press("Escape");
  await abena.page.locator("#open-help").click();
  await abena.presses(/I’m worried about someone, or/);
  await expect(d.getByLabel("What would you like to say?")).toHaveValue("It is all too much.");
  await looksFine(abena.page, "care-390");
  await d.getByRole("button", { name: "Send" }).click();
  await expect(d).toContainText("It has arrived");
});

test("what doesn't load is told beside somebody to call, and can be tried again", async ({ browser }) => {
  const page = await (await browser.newContext({ viewport: { width: 320, height: 640 } })).newPage();
  await page.goto(server.links.shared.member);
  await page.waitForURL(/\/c\//);
  await page.route("**/report-*.js", (r) => r.abort());
  await page.locator("#open-help").click();
  const help = page.locator("dialog#help");
  await expect(help.getByRole("heading", { name: "Get help or report" })).toBeFocused();
  const [care, conduct] = ["I’m worried about someone, or I’m not OK", "Something is wrong here"].map((name) => help.getByRole("button", { name }));
  const [one, two] = await Promise.all([care!, conduct!].map((b) => b.boundingBox()));
  expect([one!.width, one!.height, one!.x], "two equal choices").toEqual([two!.width, two!.height, two!.x]);
  for (const b of [care!, conduct!]) await expect(b).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Tab"); // and the first that a key comes to
  await expect(care!).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(help.getByRole("alert")).toContainText("Please try again");
  await expect(help.getByRole("heading", { name: "Someone to call now" })).toBeVisible();
  await looksFine(page, "unloaded-320");
  await page.unroute("**/report-*.js");
  await care!.click();
  await expect(dialog(page).getByRole("heading", { name: "Somebody isn’t OK" })).toBeFocused();
});

test("at the door, and after being removed", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  await page.goto(server.links.shared.member);
  await page.waitForURL(/\/c\//);
  await page.locator("#open-help").click();
  await page.getByRole("button", { name: "Something is wrong here" }).click();
  const d = dialog(page);
  await d.getByLabel("Who or what is it about?").selectOption("circle");
  await d.getByText("Something else", { exact: true }).click();
  await d.getByRole("button", { name: "Send" }).click();
  await expect(d).toContainText("It has arrived");
  await d.getByRole("button", { name: "Close" }).click();

  const { keeper, jun, abena } = await circle(browser);
  await jun.says("Go back to where you came from.");
  await abena.hears("Go back to where");
  await abena.page.waitForFunction(() => !!document.querySelector("dialog#report")); // it comes by itself
  await keeper.presses("More for Abena");
  await keeper.presses(/^Remove from/);
  await keeper.presses("Yes, remove");
  await expect(abena.page.locator('[data-part="after"]')).toBeVisible();
  await abena.presses("Get help or report");
  const a = dialog(abena.page);
  await looksFine(abena.page, "doors-after-390");
  await a.getByRole("button", { name: /Something is wrong here/ }).click();
  await a.getByLabel("Who or what is it about?").selectOption({ label: "Jun" });
  await a.getByText("Put someone down, or used slurs").click();
  await a.getByRole("checkbox", { name: /Go back to where/ }).check();
  await a.getByRole("button", { name: "Send" }).click();
  await expect(a).toContainText("It has arrived");
});

test("from outside, without script", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/report`);
  await page.getByLabel("Where is it?").fill("The page of the Tuesday circle");
  await page.getByLabel("What is it, and why").fill("It sells <b>pills</b>.");
  await page.getByLabel("I believe in good faith").check();
  await page.getByRole("button", { name: "Send the notice" }).click();
  await expect(page.getByRole("heading", { name: "It has arrived" })).toBeVisible();
  const link = await page.getByLabel("The code of your report").inputValue();
  await page.goto(`${server.url}/report/status`);
  await page.getByLabel("The code of your report").fill(link);
  await page.getByRole("button", { name: "Ask" }).click();
  await expect(page.locator("main")).toContainText("It has arrived");
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/report-status-320.png`, fullPage: true });
});
