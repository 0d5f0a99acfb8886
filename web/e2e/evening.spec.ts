// A peer-support circle from arrival to goodbye, kept by somebody who goes by
// the board alone: at every step they do what its card and its button say.
import { expect, test } from "@playwright/test";
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

const card = (p: Person) => p.page.getByRole("group", { name: "What to do now" });
const stage = (p: Person) => p.page.locator("#where");

async function shot(name: string, ...people: Person[]): Promise<void> {
  if (!process.env.SHOTS) return;
  for (const p of people) await p.page.screenshot({ path: `${process.env.SHOTS}/evening-${name}-${p.name}.png` });
}

test("a peer-support circle, by the board alone", async ({ browser }) => {
  test.setTimeout(180_000);
  const links = server.circle("Thursday carers", "--format", "peer-support", "--next", "every Thursday at 19:00");
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", { viewport: { width: 1280, height: 960 } });
  const jun = await Person.comes(browser, links.member, "Jun");
  const abena = await Person.comes(browser, links.member, "Abena", { viewport: { width: 360, height: 640 } });
  const ola = await Person.comes(browser, links.listener, "Ola");
  const mo = await Person.comes(browser, links.moderator, "Mo", { viewport: { width: 1280, height: 960 } });
  const goOn = async (to: string) => {
    await marisol.page.getByRole("region", { name: /^Tonight/ }).getByRole("button", { name: `Go on to: ${to}` }).click();
    for (const p of [marisol, jun, abena, ola, mo]) await expect(stage(p)).toContainText(to);
  };

  await test.step("people arrive", async () => {
    await expect(marisol.page.locator("#tonight-title")).toContainText("Tonight · 60 minutes");
    await expect(card(marisol)).toContainText("First comes: Arrival");
    await shot("0-before", marisol, jun);
    await marisol.presses("Begin the circle");
    await expect(stage(jun)).toContainText("Arrival");
    await expect(jun.page.locator("#about")).toBeHidden(); // nobody asked for a note
    await jun.says("Hello everybody.");
    await marisol.hears("Hello everybody.");
    await expect(ola.page.getByLabel("Your words")).toBeHidden();
    await shot("1-arrival", marisol, jun, abena);
  });

  await test.step("ground rules: the facilitator leads", async () => {
    await goOn("Ground rules");
    await expect(jun.page.getByLabel("Your words")).toBeHidden();
    await marisol.says("This circle is for people who look after somebody.");
    await marisol.presses("Show ground rules");
    await expect(jun.page.locator("#cards")).toContainText("What is said here stays here.");
    await shot("2-rules", marisol, jun);
    await jun.page.locator("#cards").getByRole("button", { name: "Close" }).click();
  });

  await test.step("highs and lows: the stick goes round", async () => {
    await goOn("Highs and lows");
    await expect(stage(jun)).toContainText("1 of 3");
    await marisol.presses("Take the stick");
    await marisol.says("My high was the sea, my low the tax office.");
    await shot("3-round", marisol, jun, abena, ola);
    await marisol.presses("Pass it on");
    await jun.presses("Take the stick");
    await jun.says("My low was Sunday.");
    const sam = await Person.comes(browser, links.member, "Sam");
    await expect(sam.page.locator("#cards")).toContainText("Highs and lows");
    await expect(sam.page.locator("#cards")).toContainText("What was said before stays with those who were here.");
    await sam.hasNotHeard("My low was Sunday");
    await shot("4-late", sam);
    await jun.presses("Pass it on");
    await abena.presses("Pass");
    await sam.presses("Take the stick");
    await sam.says("I am glad to be here.");
    await sam.presses("Pass it on");
    await expect(card(marisol)).toContainText("Everybody was offered the stick. When you are ready, go on to: What helps.");
    await shot("5-round-over", marisol);
  });

  await test.step("what helps: the floor is open", async () => {
    await goOn("What helps");
    await abena.says("Walking helped me.");
    await jun.says("Being asked helped me.");
    await jun.hears("Walking helped me.");
    await shot("6-open", marisol, abena);
  });

  await test.step("the closing round", async () => {
    await goOn("Closing round");
    await marisol.presses("Take the stick");
    await marisol.says("I take the walking with me.");
    await marisol.presses("Pass it on");
    await jun.presses("Pass");
    await abena.presses("Take the stick");
    await abena.says("Warmth.");
    await abena.presses("Pass it on");
    await expect(card(marisol)).not.toContainText("Everybody was offered the stick."); // Sam is still to come
  });

  await test.step("somebody who waits isn’t left out by mistake", async () => {
    await marisol.page.locator("#tonight-stage").click();
    await expect(marisol.page.getByRole("dialog")).toContainText("Sam hasn’t had the stick yet");
    await marisol.presses("Stay here");
    const sam = browser.contexts().at(-1)!.pages()[0]!;
    await sam.getByRole("button", { name: "Pass", exact: true }).click();
  });

  await test.step("before you go, and the end", async () => {
    await goOn("Before you go");
    await marisol.says("See you on Thursday.");
    await goOn("After-talk");
    await jun.says("Goodbye everybody.");
    await expect(card(marisol)).toContainText("Close the circle when everybody has said goodbye.");
    await shot("7-last", marisol);
    await marisol.presses("Close the circle");
    await marisol.presses("Close it");
    for (const p of [marisol, jun, abena, ola, mo]) await expect(p.page.getByRole("heading", { name: "The circle is closed" })).toBeVisible();
    await expect(jun.page.locator("main:visible")).toContainText("every Thursday at 19:00");
    await shot("8-after", jun, marisol);
  });
});
