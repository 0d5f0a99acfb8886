// A whole circle in four browsers: a facilitator, two members, a listener.
import { expect, test, type Browser } from "@playwright/test";
import { Person } from "./people.ts";
import type { Role } from "./server.ts";

/** Where somebody's link leads. */
export type Link = (role: Role, name: string) => string;

async function four(browser: Browser, link: Link): Promise<[Person, Person, Person, Person]> {
  return [
    await Person.comes(browser, link("facilitator", "Marisol"), "Marisol", { viewport: { width: 1280, height: 900 } }),
    await Person.comes(browser, link("member", "Jun"), "Jun"),
    await Person.comes(browser, link("member", "Abena"), "Abena", { viewport: { width: 320, height: 640 } }),
    await Person.comes(browser, link("listener", "Noor"), "Noor"),
  ];
}

/** A circle from arrival to close. */
export async function wholeCircle(browser: Browser, link: Link): Promise<void> {
  const [marisol, jun, abena, noor] = await four(browser, link);

  await test.step("it begins, and the facilitator shows how", async () => {
    await jun.sees("People are arriving");
    await marisol.presses("Begin the circle");
    await marisol.presses("Take the stick");
    await marisol.says("My low was Monday, my high is this.");
    for (const p of [jun, abena, noor]) await p.hears("my high is this");
    await marisol.presses("Pass it on");
  });

  await test.step("neighbours have different colours", async () => {
    const hues = await jun.page.locator("#seats .face").evaluateAll((all) => all.map((el) => (el as HTMLElement).dataset.hue));
    expect(new Set(hues).size).toBe(3);
  });

  await test.step("one takes the stick, and only that one can speak", async () => {
    await jun.sees("The stick is offered to you");
    await jun.presses("Take the stick");
    await expect(abena.page.getByLabel("Your words")).toBeHidden();
    await jun.says("I sat in the car for twenty minutes.");
    await abena.hears("twenty minutes");
    await abena.presses("Heart");
    await expect(jun.page.locator("#signs")).toContainText("1");
  });

  await test.step("words can be taken back", async () => {
    await jun.says("I did not mean to say this");
    await noor.hears("did not mean");
    await jun.page.getByRole("button", { name: /^Take back: I did not/ }).click();
    await noor.hasNotHeard("did not mean");
  });

  await test.step("long words are read from their beginning, and nobody is cut off by a slip", async () => {
    await jun.says(`It begins here.\n\n${"And it goes on for a while. ".repeat(60)}\n\nAnd here it ends.`);
    await abena.hears("And here it ends.");
    const [top, box] = await Promise.all(["#words .now .word:last-child", "#said"].map((at) => abena.page.locator(at).boundingBox()));
    expect(top!.y).toBeGreaterThanOrEqual(box!.y);
    expect(top!.y).toBeLessThan(box!.y + 60);
    await marisol.presses("Offer to Abena");
    await marisol.presses("Let Jun speak");
    await jun.sees("You have the stick");
  });

  await test.step("what is written and not said is asked about", async () => {
    await jun.page.getByLabel("Your words").fill("One thing more.");
    await jun.presses("Pass it on");
    await jun.presses("Say it, then pass it on");
    await abena.hears("One thing more.");
  });

  await test.step("one puts it off, then passes, and nobody is told", async () => {
    await abena.presses("Later");
    await abena.sees("The stick is offered to you");
    await expect(abena.button("Later")).toBeHidden();
    await abena.presses("Pass");
    await jun.sees("The stick rests in the centre");
    await jun.hasNotHeard("pass");
  });

  await test.step("the room is held and goes on", async () => {
    await marisol.presses("Start a round");
    await marisol.presses("Take the stick");
    await marisol.presses("Hold the room");
    await marisol.presses("A breath together");
    await jun.sees("The room is held: a breath together");
    await marisol.presses("Let it go on");
    await marisol.presses("Pass it on");
  });

  await test.step("somebody is muted in their turn: the stick rests", async () => {
    await jun.presses("Take the stick");
    await marisol.presses("More for Jun");
    await marisol.presses(/^Mute/);
    await marisol.page.getByLabel("They are told until when").selectOption("calm");
    await marisol.presses(/^5 minutes/);
    await jun.sees("You can’t speak until");
    await jun.sees("This is so that it can calm down.");
    await abena.sees("The stick rests in the centre");
  });

  await test.step("somebody is removed, and the others see them leave", async () => {
    await marisol.presses("More for Jun");
    await marisol.presses(/^Remove from/);
    await marisol.presses("Yes, remove");
    await expect(jun.page.getByRole("heading", { name: "Your place in this gathering has ended" })).toBeVisible();
    await expect(abena.page.locator("#seats")).not.toContainText("Jun");
    await jun.page.goto(link("member", "Jun"));
    await expect(jun.page.getByLabel("What shall we call you?")).toBeHidden();
  });

  await test.step("it closes for everybody", async () => {
    await marisol.presses("Close the circle");
    await marisol.presses("Close it");
    for (const p of [marisol, abena, noor]) {
      await expect(p.page.getByRole("heading", { name: "The circle is closed" })).toBeVisible();
    }
  });
}
