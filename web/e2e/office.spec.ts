// The office: from an empty house to a circle with a weekly time, its
// invites and a date that is called off; and what somebody sees who keeps it.
import { expect, test, type Browser, type Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { Server } from "./server";

const hearth = new Server();
test.setTimeout(180_000); // many pages, each looked over at three widths
test.beforeAll(() => hearth.start());
test.afterAll(() => hearth.remove());

const widths = [[390, 844], [1280, 900], [320, 640]] as const;

/** What holds for every page at every width; a picture of it if asked for. */
async function look(page: Page, name: string): Promise<void> {
  for (const [width, height] of widths) {
    await page.setViewportSize({ width, height });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} at ${width}`).toBeLessThanOrEqual(0);
    if (width !== 320) expect((await new AxeBuilder({ page }).analyze()).violations, `${name} at ${width}`).toEqual([]);
    if (process.env.HEARTH_SHOTS) await page.screenshot({ path: `${process.env.HEARTH_SHOTS}/office-${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 390, height: 844 });
}

/** Somebody new, signed in by a passkey of their own. */
async function joins(browser: Browser, link: string, name: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await page.goto(link);
  await page.getByLabel("What shall we call you?").fill(name);
  await page.getByRole("button", { name: "Make a passkey" }).click();
  await page.waitForURL(/\/office$/);
  return page;
}

test("an admin makes a circle, and whoever keeps it looks after it", async ({ browser }) => {
  const ada = await joins(browser, hearth.welcome, "Ada");
  await expect(ada.getByRole("heading", { name: "The first steps" })).toBeVisible();
  await look(ada, "home");

  await ada.getByRole("link", { name: "Make a circle" }).last().click();
  await look(ada, "new");
  await ada.getByLabel("What is it called?").fill("Night shift");
  await ada.getByLabel("What is it for?").fill("For people who work while others sleep.");
  await ada.getByLabel("How does it go?").selectOption("sharing-circle");
  await ada.getByLabel("Whose crisis help").selectOption("IE");
  await ada.locator("summary").filter({ hasText: "Ground rules" }).click();
  await ada.getByLabel("Ground rules, one on each line").fill("x".repeat(201));
  await ada.getByRole("button", { name: "Make it" }).click();
  await expect(ada.getByText("This is a little long")).toBeVisible();
  await expect(ada.getByLabel("What is it called?")).toHaveValue("Night shift");
  await look(ada, "new-look-again");
  await ada.getByLabel("Ground rules, one on each line").fill("");
  await ada.getByRole("button", { name: "Make it" }).click();

  await expect(ada.getByText("The circle is made.")).toBeVisible();
  await expect(ada.getByLabel("In which time zone?")).toHaveValue("Europe/Dublin");
  await look(ada, "schedule-none");
  const day = new Date();
  day.setDate(day.getDate() + 7);
  await ada.getByLabel("First date").fill(day.toISOString().slice(0, 10));
  await ada.getByLabel("At", { exact: true }).fill("22:00");
  await ada.getByRole("button", { name: "Save" }).last().click();
  await expect(ada.getByText(/^Every \w+ at 22:00$/)).toBeVisible();
  await expect(ada.locator(".days > li")).toHaveCount(8);
  await ada.locator(".days > li").nth(1).getByText("Call it off").click();
  await ada.locator("#why-1").fill("A public holiday.");
  await ada.getByRole("button", { name: "Call this date off" }).click();
  await expect(ada.locator(".days > li").nth(1)).toContainText("A public holiday.");
  await ada.locator(".days > li").nth(2).getByText("Give it a theme").click();
  await ada.locator("#theme-2").fill("Sleep");
  await ada.locator(".days > li").nth(2).getByRole("button", { name: "Save" }).click();
  await expect(ada.locator(".days > li").nth(2)).toContainText("Sleep");
  await look(ada, "schedule");

  await ada.getByRole("link", { name: "Who keeps it" }).click();
  await ada.getByRole("button", { name: "Make a link" }).click();
  const welcome = await ada.getByLabel("The link").inputValue();
  await look(ada, "keepers");

  const kit = await joins(browser, welcome, "Kit");
  await expect(kit.getByText("you keep it")).toBeVisible();
  await look(kit, "home-keeper");
  await kit.getByRole("link", { name: "Night shift" }).click();
  await expect(kit.getByText("Who may come in?")).toHaveCount(0);
  await kit.getByLabel("What is it for?").fill("For everybody who works while others sleep.");
  await look(kit, "circle-keeper");
  await kit.getByRole("button", { name: "Save" }).click();
  await expect(kit.getByText("Saved.")).toBeVisible();

  await ada.goto(`${hearth.url}/office`);
  await ada.getByRole("link", { name: "Night shift" }).click();
  await ada.getByText("It is held. People come in").click();
  await ada.getByText("Show it in the list of circles").click();
  await ada.getByRole("button", { name: "Save" }).click();
  await expect(ada.getByText("Saved.")).toBeVisible();
  await look(ada, "circle");
  await ada.getByRole("link", { name: "See its page" }).click();
  await expect(ada.getByText("A public holiday.")).toBeVisible();
});

test("people are invited by links that can be ended, and questions answered", async ({ browser }) => {
  const link = hearth.hearth("person", "invite", "--circle", "As it comes").split("\n")[0]!;
  const kit = await joins(browser, link, "Mar");
  await kit.getByRole("link", { name: "As it comes" }).click();
  await kit.getByRole("link", { name: "Invite" }).click();
  await kit.getByLabel("For whom?").fill("Ana’s friend\nBen");
  await kit.getByRole("button", { name: "Make the link" }).click();
  await expect(kit.getByText("Here are the 2 links")).toBeVisible();
  await look(kit, "invites-made");
  const message = await kit.getByLabel("For Ben, ready to send").inputValue();
  const guest = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
  await guest.goto(/\S+\/enter#\S+/.exec(message)![0]);
  await guest.waitForURL(/\/c\//);

  await kit.goto(kit.url());
  const ben = kit.locator(".folk > li").filter({ hasText: "Ben" });
  await expect(ben).toContainText("used");
  await look(kit, "invites");
  await ben.getByText("End it").click();
  await ben.getByRole("button", { name: "End this link" }).click();
  await expect(kit.locator(".folk > li").filter({ hasText: "Ben" })).toHaveCount(0);
  await guest.reload();
  await expect(guest.getByRole("heading", { name: "Your seat isn’t in this browser" })).toBeVisible();

  const circle = /circles\/([^/]+)/.exec(kit.url())![1]!;
  await guest.goto(`${hearth.url}/circles/${circle}/ask`);
  await guest.locator("#question").fill("May I keep my camera off?\nI am new.");
  await guest.locator("main form button").click();
  await kit.goto(`${hearth.url}/office`);
  await kit.getByRole("link", { name: "One question waits" }).click();
  await look(kit, "questions");
  await kit.getByLabel("Your answer").fill("There is no camera. You type.");
  await kit.getByRole("button", { name: "Answer", exact: true }).click();
  await expect(kit.getByText("Your answer is there")).toBeVisible();
});

test("the house itself", async ({ browser }) => {
  const link = hearth.hearth("person", "invite", "--admin").split("\n")[0]!;
  const kim = await joins(browser, link, "Kim");
  for (const [at, heading] of [["people", "People who run the house"], ["status", "Is everything working?"], ["settings", "Settings"], ["audit", "Record of changes"]] as const) {
    await kim.goto(`${hearth.url}/office/${at}`);
    await expect(kim.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
    await look(kim, at);
  }
  await kim.getByRole("button", { name: "Check the whole record" }).click();
  await expect(kim.getByText("Every line is as it was written.")).toBeVisible();
  await kim.getByLabel("Language").selectOption("es");
  await kim.getByRole("button", { name: "Change", exact: true }).click();
  await expect(kim.getByRole("heading", { name: "Registro de cambios" })).toBeVisible();
  await kim.goto(`${hearth.url}/office/circles/new`);
  await expect(kim.getByRole("heading", { name: "Crear un círculo" })).toBeVisible();
  await look(kim, "new-es");
});
