// The facilitator's line drops: for a moment, for longer than their grace,
// for good. The waits are those of a format, shorter than an operator's.
import { expect, test, type Browser } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

const grace = 10; // seconds of each wait, the least a format may ask for

const format = `
name = "short-waits"
description = "For the tests of a facilitator whose line drops."
rules = ["One person speaks at a time."]

[graces]
keeper-grace = "${grace}s"
deputy-wait = "${grace}s"
moderator-wait = "${grace}s"
close-notice = "${grace}s"

[[stage]]
title = "Highs and lows"
kind = "round"
minutes = 25
prompt = "What was a high of your week, and what was a low?"

[[stage]]
title = "Closing round"
kind = "round"
minutes = 10
closing = true
prompt = "What do you take with you?"
`;

let server: Server;
test.beforeEach(async () => {
  server = Server.withFormat("short-waits", format);
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

/** A facilitator, a deputy and two members, in the first turn of the first round. */
async function begun(browser: Browser): Promise<{ marisol: Person; deputy: Person; jun: Person; sam: Person; back: () => Promise<Person> }> {
  const links = server.circle("Short waits", "--format", "short-waits");
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", { viewport: { width: 1280, height: 900 } });
  const deputy = await Person.comes(browser, links.member, "Abena");
  const jun = await Person.comes(browser, links.member, "Jun");
  const sam = await Person.comes(browser, links.member, "Sam");
  await marisol.presses("More for Abena");
  await marisol.presses("Name as deputy");
  await marisol.presses("Begin the circle");
  await marisol.presses("Pass");
  await deputy.presses("Pass");
  await jun.presses("Take the stick");
  await jun.says("My high was the sea.");
  const context = marisol.page.context();
  const at = marisol.page.url();
  const back = async () => {
    const p = new Person("Marisol", await context.newPage());
    await p.page.goto(at);
    if (await p.button(/let me in/i).isVisible()) await p.door();
    await p.inRoom();
    return p;
  };
  return { marisol, deputy, jun, sam, back };
}

/** Round and prompt, as somebody sees them in the middle of the ring. */
const middle = (p: Person) => p.page.locator(".middle");

test("for a moment: the circle notices, and nothing changes", async ({ browser }) => {
  const { marisol, deputy, jun, sam, back } = await begun(browser);
  const before = await middle(sam).innerText();
  await marisol.page.close();
  await expect(sam.page.locator("#notice")).toContainText("Marisol’s line dropped. Their place is kept for them.");
  await jun.says("And a low was Monday.");
  await sam.hears("a low was Monday");
  await expect(deputy.button("Take over")).toBeHidden();
  const again = await back();
  await expect(sam.page.locator("#notice")).toBeHidden();
  await again.sees("Jun is speaking");
  await jun.presses("Pass it on");
  await sam.sees("The stick is offered to you");
  expect(await middle(jun).innerText()).toContain(before.split("\n")[1]!);
});

test("longer: the turn finishes, the circle rests, the deputy takes over and gives back", async ({ browser }) => {
  test.setTimeout(90_000);
  const { marisol, deputy, jun, sam, back } = await begun(browser);
  await marisol.page.close();
  await expect(deputy.button("Take over")).toBeVisible({ timeout: (grace + 10) * 1000 });
  await jun.says("I may finish.");
  await sam.hears("I may finish.");
  await jun.presses("Pass it on");
  await expect(sam.page.locator("#notice")).toContainText("The circle rests while somebody takes over.");
  for (const p of [jun, sam]) await expect(p.button("Take over")).toBeHidden();
  await expect(sam.button("Take the stick")).toBeHidden();

  await deputy.presses("Take over");
  await deputy.page.getByRole("dialog").getByRole("button", { name: "Take over" }).click();
  await expect(sam.page.locator("#notice")).toBeHidden();
  await deputy.presses("Go on");
  await sam.presses("Take the stick");
  await expect(deputy.button("Open the board").or(deputy.button("Board"))).toBeVisible();

  const again = await back();
  await again.presses("Take over");
  await again.page.getByRole("dialog").getByRole("button", { name: "Take over" }).click();
  await expect(deputy.button("Hold the room")).toBeHidden();
  await again.sees("Sam is speaking");
});

test("for good: deputies are asked, then moderators, then it closes gently", async ({ browser }) => {
  test.setTimeout(120_000);
  const { marisol, jun, sam, deputy } = await begun(browser);
  await marisol.page.close();
  await jun.presses("Pass it on");
  const notice = sam.page.locator("#notice");
  const within = { timeout: (grace + 10) * 1000 };
  await expect(notice).toContainText("The circle rests while somebody takes over.", within);
  await expect(deputy.button("Take over")).toBeVisible();
  await expect(notice).toContainText("The circle rests while we look for somebody to look after it.", within);
  await expect(notice).toContainText("so it will close gently. The circle closes at", within);
  for (const p of [jun, sam]) await expect(p.button("Take over")).toBeHidden();
  for (const p of [jun, sam, deputy]) await expect(p.page.getByRole("heading", { name: "The circle is closed" })).toBeVisible(within);
});
