// A cheap phone on a bad line: 400 kbit/s, 300 ms there and back. What comes
// down is bounded here; how long it takes is only told.
import { expect, test } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";
import { slow, SlowLine } from "./slowline.ts";

let server: Server;
let line: SlowLine;
test.beforeEach(async () => {
  line = await SlowLine.open(() => server.port);
  server = new Server("--public-url", line.url);
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await line.close();
  await server.remove();
});

const budget = 60 * 1024; // bytes of the room page, compressed, with all it loads

test("from the link to a seat that can be used, on a slow line", async ({ browser }) => {
  const keeper = await Person.comes(browser, server.links.facilitator, "Marisol");
  const link = server.links.member;
  await keeper.presses("Begin the circle");

  const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
  const page = await context.newPage();
  await page.goto("about:blank");
  const from = performance.now();
  const start = line.down; // the facilitator sits on the same line
  const since = () => `${((performance.now() - from) / 1000).toFixed(1)} s, ${((line.down - start) / 1024).toFixed(1)} KiB`;
  const told: string[] = [];
  await page.goto(link);
  await page.waitForURL(/\/c\//);
  const jun = new Person("Jun", page);
  await expect(page.getByLabel("What shall we call you?")).toBeVisible();
  told.push(`the door is there: ${since()}`);
  await page.getByLabel("What shall we call you?").fill("Jun");
  await page.getByRole("button", { name: /let me in/i }).click();
  await jun.inRoom();
  told.push(`seated: ${since()}`);
  const seated = line.down - start;
  await keeper.presses("Pass");
  await jun.presses("Take the stick");
  await jun.says("Here I am.");
  await keeper.hears("Here I am.");
  told.push(`first words heard: ${since()}`);
  console.log(`      at ${(slow.bytesPerSecond * 8) / 1000} kbit/s and ${2 * slow.oneWay} ms:\n        ${told.join("\n        ")}`);
  expect(seated, "bytes before the first word").toBeLessThan(budget + 30 * 1024);

  // Who comes back has script and style already.
  const before = line.down;
  const again = performance.now();
  await page.reload();
  await jun.inRoom();
  console.log(`        back after a reload: ${((performance.now() - again) / 1000).toFixed(1)} s, ${((line.down - before) / 1024).toFixed(1)} KiB`);
  expect(line.down - before, "bytes of coming back").toBeLessThan(30 * 1024);
});
