// The closing round begins by itself at its time: whoever speaks is told
// before, and whoever had no turn hears that theirs comes now.
import { expect, test } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

const format = `
name = "one-minute"
description = "A round of a minute, then the closing round."
rules = ["One person speaks at a time."]

[[stage]]
title = "Highs and lows"
kind = "round"
minutes = 1
prompt = "What was a high of your week?"

[[stage]]
title = "Closing round"
kind = "round"
minutes = 5
closing = true
prompt = "What do you take with you?"
`;

let server: Server;
test.beforeEach(async () => {
  server = Server.withFormat("one-minute", format);
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

test("the closing round begins by itself", async ({ browser }) => {
  test.setTimeout(150_000);
  const links = server.circle("One minute", "--format", "one-minute");
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", { viewport: { width: 1280, height: 900 } });
  const jun = await Person.comes(browser, links.member, "Jun");
  const abena = await Person.comes(browser, links.member, "Abena");
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  await marisol.sees("It ends at"); // less than two minutes before, and only to her
  await expect(jun.now).not.toContainText("ends at");
  await marisol.says("My high was the sea.");
  await marisol.page.getByLabel("Your words").fill("And one thing more");

  const soon = { timeout: 90_000 };
  for (const p of [marisol, jun, abena]) await expect(p.page.locator("#where")).toContainText("Closing round", soon);
  await marisol.sees("The stick is offered to you");
  await marisol.presses("Take the stick");
  await expect(marisol.page.getByLabel("Your words")).toHaveValue("And one thing more"); // nothing is lost
  await expect(jun.page.locator("#notice")).toContainText("There wasn’t time for you");
  await expect(abena.page.locator("#notice")).toContainText("You can say it in the closing round");
  await marisol.presses("Pass it on");
  await marisol.presses("Say it, then pass it on");
  await jun.hears("And one thing more");
  await jun.sees("The stick is offered to you");
});
