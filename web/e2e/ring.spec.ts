// That nothing lies on anything else, on the screens people have: the middle
// of the ring and the seats, a card and the bar, a talk and the board; and
// that the way out is whole with big letters too.
import { expect, test, type Page } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server, type Links } from "./server.ts";

let server: Server;
let links: Links;
test.beforeEach(async () => {
  server = new Server();
  await server.start();
  links = server.circle("Thursday carers", "--format", "peer-support");
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

const sizes = [[360, 640], [360, 740], [390, 844], [1280, 800]] as const;

/** What of the middle lies on a face or a name, and how tall the stick stands out of the ring. */
function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const out: string[] = [];
    const of = (el: Element) => {
      const r = document.createRange();
      r.selectNodeContents(el);
      return el.checkVisibility() ? [...r.getClientRects()] : [];
    };
    const seats = [...document.querySelectorAll("#seats .seat")].flatMap((s) => [s.querySelector(".face")!.getBoundingClientRect(), ...of(s.querySelector(".name")!)]);
    for (const id of ["where", "prompt", "next", "then"]) {
      for (const a of of(document.getElementById(id)!)) {
        if (seats.some((b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4)) out.push(`${id} on a seat`);
      }
    }
    const help = document.querySelector(".top .button")!.getBoundingClientRect();
    const stick = document.querySelector("#stick use")!.getBoundingClientRect();
    if (stick.height && stick.top < help.bottom) out.push("the stick on the header");
    return out;
  });
}

test("the middle of the ring lies on nobody", async ({ browser }) => {
  test.setTimeout(120_000);
  const people: Person[] = [];
  for (const [i, [width, height]] of sizes.entries()) people.push(await Person.comes(browser, i ? links.member : links.facilitator, ["Marisol", "Jun", "Abena", "Kofi"][i]!, { viewport: { width, height }, reducedMotion: "reduce" }));
  people.push(await Person.comes(browser, links.listener, "Ola", { viewport: { width: 360, height: 740 }, reducedMotion: "reduce" }));
  const [marisol, jun] = people as [Person, Person];
  const all = async (when: string) => {
    for (const p of people) expect(await overlaps(p.page), `${when}, ${p.name}`).toEqual([]);
  };
  await all("arriving");
  await marisol.presses("Begin the circle");
  for (const to of ["Ground rules", "Highs and lows"]) await marisol.presses(`Go on to: ${to}`);
  for (const p of people) await expect(p.page.locator("#where")).toContainText("Highs and lows");
  await all("offered");
  await marisol.presses("Take the stick");
  await jun.sees("Marisol is speaking");
  await all("held");
  await marisol.presses("Pass it on");
  await jun.presses("Take the stick");
  await marisol.sees("Jun is speaking");
  await all("held by Jun");
  await expect(people[2]!.page.locator("#ring")).toHaveClass(/wheel/); // where there is room, it is a ring
});

test("on the facilitator's phone the board leads to where it says", async ({ browser }) => {
  const marisol = await Person.comes(browser, links.facilitator, "Marisol", { viewport: { width: 360, height: 640 }, reducedMotion: "reduce" });
  const jun = await Person.comes(browser, links.member, "Jun");
  const { page } = marisol;
  const sheet = page.locator("#sheet");
  await marisol.sees("“Board” says what to do at every step.");
  await marisol.presses("Board");
  await expect(sheet.getByRole("button", { name: "Close", exact: true })).toBeInViewport({ ratio: 1 });
  await sheet.getByRole("button", { name: "Begin the circle" }).click();
  await jun.sees("The floor is open");
  await sheet.getByRole("button", { name: "Go on to: Ground rules" }).click();
  await sheet.getByRole("button", { name: "Show ground rules" }).click();
  await sheet.getByRole("button", { name: "Close", exact: true }).click();
  await expect(page.locator("#cards").getByRole("button", { name: "Close" })).toBeInViewport({ ratio: 1 });
  const [card, bar] = await Promise.all(["#cards .note-card", "#bar"].map((at) => page.locator(at).boundingBox()));
  expect(card!.y + card!.height, "the card lies on the bar").toBeLessThanOrEqual(bar!.y + 1);
  await marisol.presses("Board");
  await sheet.getByRole("button", { name: "More for Jun" }).click();
  await marisol.presses("Talk aside…");
  await expect(sheet).toBeHidden();
  await expect(page.getByLabel("What you say aside")).toBeInViewport({ ratio: 1 });
});

test("with letters twice as big, help and the way out are whole", async ({ browser }) => {
  const jun = await Person.comes(browser, links.member, "Jun", { viewport: { width: 320, height: 640 } });
  await jun.page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  await expect(jun.page.locator("body")).toHaveClass(/low/);
  for (const id of ["open-help", "leave-quickly"]) await expect(jun.page.locator(`.top #${id}`)).toBeInViewport({ ratio: 1 });
  await expect(jun.page.locator("#title")).toBeInViewport({ ratio: 1 });
  expect(await jun.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
});
