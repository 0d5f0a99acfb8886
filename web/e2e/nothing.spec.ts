// From nothing to a held circle: an empty house, its first admin, a circle
// with a weekly time, somebody who keeps it, and a first-timer who finds it.
// On one node with its file, and on two that share PostgreSQL and Redis.
import { expect, test, type Browser, type Page } from "@playwright/test";
import { Cluster, missing } from "./cluster.ts";
import { welcomed, withPasskeys } from "./passkey.ts";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

const desk = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

test.afterEach(({ browser }) => allLeave(browser));

async function shot(page: Page, name: string): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/nothing-${name}.png`, fullPage: true });
}

/** The day and the time on a clock in UTC, a little from now. */
function soon(): { day: string; at: string } {
  const t = new Date(Date.now() + 10 * 60_000).toISOString();
  return { day: t.slice(0, 10), at: t.slice(11, 16) };
}

/** Everything, with the admin and the facilitator at one address and the member at another. */
async function fromNothing(browser: Browser, welcome: string, member: string): Promise<void> {
  const amina = await withPasskeys(browser, { viewport: desk });
  await test.step("the first admin makes a passkey", async () => {
    await welcomed(amina, welcome, "Amina");
    await expect(amina.getByText("There is no circle yet").or(amina.getByText("The first steps")).first()).toBeVisible();
    await shot(amina, "1-office");
  });

  await test.step("a circle that is open to all", async () => {
    await amina.goto(new URL("/office/circles/new", amina.url()).href);
    await amina.getByLabel("What is it called?").fill("Thursday carers");
    await amina.getByLabel("What is it for?").fill("For people who look after somebody at home.");
    await amina.getByLabel("How does it go?").selectOption("peer-support");
    await amina.getByLabel("Whose crisis help is shown first?").selectOption("IE");
    await amina.locator("summary").filter({ hasText: "Who comes in, and how" }).click();
    await amina.getByRole("radio", { name: /^Meeting/ }).check();
    await amina.getByRole("radio", { name: /^Open to all/ }).check();
    await amina.getByLabel("Show it in the list of circles").check();
    await shot(amina, "2-new");
    await amina.getByRole("button", { name: "Make it" }).click();
    await expect(amina.getByText("The circle is made.")).toBeVisible();
  });

  await test.step("it meets every week", async () => {
    await amina.getByRole("link", { name: "When", exact: true }).click();
    const { day, at } = soon();
    if (!(await amina.getByLabel("First date").isVisible())) await amina.getByText("Day and time").click();
    await amina.getByLabel("First date").fill(day);
    await amina.getByLabel("At", { exact: true }).fill(at);
    await amina.getByLabel("In which time zone?").fill("Etc/UTC");
    await amina.getByLabel("How many minutes does it take?").fill("75");
    await amina.getByLabel("How often?").selectOption({ label: "Every week" }).catch(() => amina.getByRole("radio", { name: /^Every week/ }).check());
    await amina.getByRole("button", { name: "Save" }).last().click();
    await expect(amina.getByText(/^Every \w+ at /)).toBeVisible();
    await shot(amina, "3-when");
  });

  const marisol = await withPasskeys(browser, { viewport: desk });
  await test.step("a facilitator is invited and signed in", async () => {
    await amina.getByRole("link", { name: "Who keeps it" }).click();
    await amina.getByRole("button", { name: "Make a link" }).click();
    await welcomed(marisol, await amina.getByLabel("The link").inputValue(), "Marisol");
    await shot(marisol, "4-keeper");
    await marisol.getByRole("button", { name: "Open the room" }).click();
    await marisol.waitForURL(/\/c\//);
  });
  const keeper = new Person("Marisol", marisol);
  await keeper.door();

  const page = await withPasskeys(browser, { viewport: phone });
  const jun = new Person("Jun", page);
  await test.step("somebody who is there for the first time finds it and waits", async () => {
    await page.goto(member);
    await page.getByRole("link", { name: "Find a circle" }).click();
    await page.getByRole("link", { name: "Thursday carers" }).click();
    await expect(page.getByText("Marisol")).toBeVisible();
    await shot(page, "5-about");
    await page.getByRole("button", { name: "Come in" }).click();
    await page.waitForURL(/\/c\//);
    await page.getByLabel("What shall we call you?").fill("Jun");
    await page.getByLabel(/first time/i).check();
    await shot(page, "6-door");
    await page.getByRole("button", { name: /let me in/i }).click();
    await expect(page.getByText(/at the door/i).first()).toBeVisible();
    await shot(page, "7-waiting");
  });

  await test.step("the facilitator lets them in, and the circle is held", async () => {
    await expect(marisol.getByText("Jun").first()).toBeVisible();
    await shot(marisol, "8-knock");
    await marisol.getByRole("button", { name: /^Let (Jun )?in/ }).first().click();
    await jun.inRoom();
    await keeper.presses("Begin the circle");
    await jun.says("Hello, I am new here.");
    await keeper.hears("Hello, I am new here.");
    await shot(page, "9-room");
  });
}

test("from nothing to a held circle, on one node with its file", async ({ browser }) => {
  test.setTimeout(120_000);
  const server = new Server();
  try {
    await server.start();
    await fromNothing(browser, server.welcome, server.url);
  } finally {
    await allLeave(browser);
    await server.remove();
  }
});

test("from nothing to a held circle, on two nodes with PostgreSQL", async ({ browser }) => {
  test.setTimeout(180_000);
  const lacks = missing();
  test.skip(lacks !== "" && process.env.CI !== "true", `without ${lacks}`);
  const cluster = new Cluster();
  try {
    await cluster.start();
    await fromNothing(browser, cluster.welcome(0), cluster.nodes[1]!.url);
  } finally {
    await allLeave(browser);
    await cluster.remove();
  }
});
