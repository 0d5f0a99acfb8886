// What axe finds on every page, at both widths, light and dark; and pictures
// of each for people to look at (SHOTS names a folder).
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Page } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

let server: Server;
test.beforeEach(async () => {
  server = new Server();
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${what}-${colorScheme}.png` });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${what}: ${colorScheme}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}

for (const width of [320, 1280]) {
  const how = { viewport: { width, height: width === 320 ? 640 : 900 }, reducedMotion: "reduce" as const };

  test(`every page at ${width} px, light and dark`, async ({ browser }) => {
    test.setTimeout(180_000);
    const shot = (what: string) => `${what}-${width}`;
    const context = await browser.newContext(how);
    const page = await context.newPage();
    for (const [what, path] of [["home", "/"], ["enter", "/enter"], ["help", "/help?country=US"], ["nothing", "/nothing"]] as const) {
      await page.goto(server.url + path);
      await look(page, shot(what));
    }
    await page.goto(server.links.member);
    await page.waitForURL(/\/c\//);
    await look(page, shot("door"));
    await context.close();

    const marisol = await Person.comes(browser, server.links.facilitator, "Marisol", how);
    const jun = await Person.comes(browser, server.links.member, "Jun", how);
    const abena = await Person.comes(browser, server.links.member, "Abena", how);
    const noor = await Person.comes(browser, server.links.listener, "Noor", how);
    const kim = await Person.comes(browser, server.links.moderator, "Kim", how);
    await look(jun.page, shot("arriving"));
    await look(marisol.page, shot("keeping-arriving"));
    await marisol.presses("Begin the circle");
    await marisol.presses("Take the stick");
    await marisol.says("My low was Monday. My high is that I am here.");
    await look(marisol.page, shot("holding"));
    await jun.hears("My high");
    await look(jun.page, shot("listening"));
    await marisol.presses("Pass it on");
    await jun.sees("The stick is offered to you");
    await look(jun.page, shot("offered"));
    await jun.presses("Take the stick");
    await jun.says("The low was Sunday. I sat in the car outside my sister’s for twenty minutes and couldn’t go in. The high is that I did, in the end.");
    await abena.presses("Snap");
    await expect(marisol.page.locator("#signs")).toContainText("1");
    await look(marisol.page, shot("keeping"));
    await look(noor.page, shot("listener"));
    await look(kim.page, shot("moderator"));
    if (width === 320) {
      await marisol.presses("Board");
      await look(marisol.page, shot("board"));
    }
    await marisol.presses("More for Jun");
    await look(marisol.page, shot("more"));
    await marisol.page.keyboard.press("Escape");
    if (width === 320) await marisol.page.keyboard.press("Escape");
    await abena.presses(/^Help/);
    await look(abena.page, shot("help-in-room"));
    await abena.page.keyboard.press("Escape");
    await abena.presses("My place");
    await look(abena.page, shot("my-place"));
    await abena.page.keyboard.press("Escape");
    await marisol.presses("Hold the room");
    await look(marisol.page, shot("hold-ask"));
    await marisol.presses("Somebody needs a moment");
    await abena.sees("The room is held");
    await look(abena.page, shot("held"));
    await marisol.presses("Let it go on");

    await noor.presses("My place");
    await noor.presses("Leave the circle");
    await look(noor.page, shot("leave-ask"));
    await noor.presses("I’m fine, just leaving");
    await expect(noor.page.getByRole("heading", { name: "You have left the circle" })).toBeVisible();
    await look(noor.page, shot("left"));
    if (width === 320) await marisol.presses("Board");
    await marisol.presses("More for Jun");
    await marisol.presses(/^Mute/);
    await look(marisol.page, shot("mute-ask"));
    await marisol.presses(/^5 minutes/);
    await jun.sees("You can’t speak until");
    await look(jun.page, shot("muted"));
    await marisol.presses("More for Jun");
    await marisol.presses(/^Remove from/);
    await look(marisol.page, shot("remove-ask"));
    await marisol.presses("Yes, remove");
    await expect(jun.page.getByRole("heading", { name: "Your place in this gathering has ended" })).toBeVisible();
    await look(jun.page, shot("removed"));

    await server.stop("SIGKILL");
    await expect(abena.page.getByText("The line is down. Your place is kept")).toBeVisible();
    await look(abena.page, shot("line-down"));
    await server.start();
    await expect(marisol.page.getByText("The line is down. Your place is kept")).toBeHidden({ timeout: 30_000 });
    if (width === 320 && !(await marisol.button("Close the circle").isVisible())) await marisol.presses("Board");
    await marisol.presses("Close the circle");
    await look(marisol.page, shot("close-ask"));
    await marisol.presses("Close it");
    await expect(marisol.page.getByRole("heading", { name: "The circle is closed" })).toBeVisible();
    await look(marisol.page, shot("over"));
    await noor.page.goto(server.links.listener);
    await expect(noor.page.getByRole("heading", { name: "The circle isn’t open just now" })).toBeVisible();
    await look(noor.page, shot("closed"));
  });
}
