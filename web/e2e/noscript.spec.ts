// With script switched off, everything up to the room works.
import { expect, test } from "@playwright/test";
import { allLeave } from "./people.ts";
import { Server } from "./server.ts";

let server: Server;
test.use({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
test.beforeEach(async () => {
  server = new Server();
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

const demo = "Tuesday evening circle";

test("without script: the list, a circle, a question and its answer, the door", async ({ page }) => {
  await page.goto(server.url);
  await page.getByRole("link", { name: "Find a circle" }).click();
  await page.getByText("Narrow it down").click();
  await page.getByLabel("Language", { exact: true }).first().selectOption("en");
  await page.getByLabel("Theme").selectOption("wellbeing");
  await page.getByLabel("What are you looking for?").fill("highs");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/theme=wellbeing/);
  await page.getByRole("link", { name: demo }).click();
  await expect(page.getByRole("heading", { name: "What will happen" })).toBeVisible();

  await page.getByRole("link", { name: "Ask a question" }).click();
  await page.getByLabel("Your question").fill("May I just listen?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();
  const link = await page.getByLabel("The link to your answer").inputValue();
  await page.goto(`${server.url}/answer`);
  await page.getByLabel("Your link or code").fill(link);
  await page.getByRole("button", { name: "Read it" }).click();
  await expect(page.getByText("May I just listen?")).toBeVisible();

  await page.getByRole("link", { name: "To the circle’s page" }).click();
  await page.getByRole("button", { name: "Come in" }).click();
  await expect(page).toHaveURL(/\/c\//);
  await page.getByLabel("What shall we call you?").fill("Jun");
  await page.getByText("Just listen", { exact: true }).click();
  await expect(page.locator("#let-me-in")).toBeHidden();
  await expect(page.getByLabel("Remember my name on this device")).toBeHidden();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/noscript-door.png`, fullPage: true });
  await page.getByRole("button", { name: /let me in/i }).click();
  await expect(page.getByRole("heading", { name: "The room needs script" })).toBeVisible();
  await expect(page.getByText("Jun")).toHaveCount(0);
  await page.getByRole("link", { name: "Someone to call now" }).click();
  await expect(page.getByRole("heading", { name: "Someone to call now" })).toBeVisible();
  await page.getByLabel("Where are you?").selectOption("IE");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByRole("heading", { name: "Samaritans" })).toBeVisible();
});

test("without script: an invite, the card, forgetting, and a way out", async ({ page }) => {
  await page.goto(server.url);
  await page.getByLabel("I have a link or a code").fill(server.links.member);
  await page.getByRole("button", { name: "Go to my circle" }).click();
  await expect(page).toHaveURL(/\/c\//);

  await page.goto(`${server.url}/help/card`);
  await page.getByText("United Kingdom").click();
  await expect(page.getByRole("link", { name: "Text SHOUT to 85258" })).toBeVisible();

  await page.goto(`${server.url}/circles`);
  await page.getByRole("link", { name: demo }).click();
  await page.getByRole("button", { name: "Forget me in this circle" }).click();
  await expect(page.getByRole("heading", { name: "You are forgotten here" })).toBeVisible();
  await expect(page.getByText("What this device kept")).toBeHidden();
  await expect(page.locator("noscript .care")).toContainText("Without script we can’t delete notes");
  await page.getByRole("link", { name: "Leave quickly" }).click();
  await expect(page).toHaveURL("about:blank");
});
