// A house that has lost what it had acknowledged, or can't write for a
// while: what people see of it, and where their words are. The house here
// is a true one, with a go-between that lets it forget.
import { expect, test, type WebSocketRoute } from "@playwright/test";
import { allLeave, Person } from "./people.ts";
import { Server } from "./server.ts";

interface Heard { seq: number; at: number; said?: { text: string } }

let server: Server;
test.beforeEach(async () => {
  server = new Server();
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

/** Between a page and its house: knows the state that was first told, and who has said what. */
class GoBetween {
  page!: WebSocketRoute;
  house!: WebSocketRoute;
  first: Record<string, unknown> = {};
  asked: { n: number; act: string }[] = [];
  said: Heard[] = [];
  /** Answers in the house's place; false: the house does. */
  answers: (n: number, act: string) => object | false = () => false;

  async stand(p: Person): Promise<void> {
    await p.page.routeWebSocket(/\/ws$/, (ws) => {
      this.page = ws;
      this.house = ws.connectToServer();
      this.house.onMessage((m) => {
        const f = JSON.parse(String(m)) as Record<string, unknown>;
        if (f.t === "welcome" && f.state) this.first = f;
        if (f.t === "entries") this.said.push(...(f.list as Heard[]).filter((e) => e.said));
        ws.send(m);
      });
      ws.onMessage((m) => {
        const f = JSON.parse(String(m)) as { t: string; n: number; act: string };
        if (f.t === "do") {
          this.asked.push({ n: f.n, act: f.act });
          const own = this.answers(f.n, f.act);
          if (own) return ws.send(JSON.stringify(own));
        }
        this.house.send(m);
      });
    });
    await p.page.reload();
    await p.inRoom();
  }

  /** The house goes back to what it first told, and counts so many commands. */
  forgets(last: number): void {
    this.page.send(JSON.stringify({ ...this.first, t: "state", last, rewound: true }));
  }
}

test("words that the house has lost come back into the writing, before what is there", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  const between = new GoBetween();
  await between.stand(marisol);
  await marisol.says("This is kept.");
  await marisol.says("First lost.");
  await marisol.says("Second lost.");
  await marisol.page.getByLabel("Your words").fill("A draft, half way");
  between.forgets(1);
  await expect(marisol.page.getByText("Our records skipped back a moment.")).toBeVisible();
  await expect(marisol.page.locator("#notice")).toHaveAttribute("role", "status");
  await expect(marisol.page.getByLabel("Your words")).toHaveValue("First lost.\nSecond lost.\nA draft, half way");
  const words = marisol.page.locator("#words .word");
  await expect(words.filter({ hasText: "not kept" })).toHaveText([/First lost\./, /Second lost\./]);
  await expect(words.filter({ hasText: "This is kept." })).not.toContainText("not kept");
  await expect(words.filter({ hasText: "lost." }).getByRole("button")).toHaveCount(0);
  await marisol.presses("Say it");
  await expect.poll(() => between.asked.at(-1)).toEqual({ n: 2, act: "say" });
});

test("words missed on the way stand where they belong, once", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
  const jun = await Person.comes(browser, server.links.member, "Jun");
  const between = new GoBetween();
  await between.stand(jun);
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  await marisol.says("One.");
  await marisol.says("Three.");
  await jun.hears("Three.");
  const [one, three] = between.said as [Heard, Heard];
  const two = { ...one, seq: one.seq + 1, at: one.at + 1, said: { ...one.said, text: "Two." } };
  between.page.send(JSON.stringify({ ...between.first, t: "state", last: 0, seq: three.seq, missed: [one, two, three] }));
  await expect(jun.page.locator("#words .word")).toHaveText(["One.", "Two.", "Three."]);
});

test("a house that can't write is asked the same again, until it answers", async ({ browser }) => {
  const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
  const jun = await Person.comes(browser, server.links.member, "Jun");
  await marisol.presses("Begin the circle");
  await marisol.presses("Take the stick");
  const between = new GoBetween();
  await between.stand(marisol);
  const away = { code: "unavailable", say: "Away." };
  let times = 2;
  between.answers = (n) => times-- > 0 && { t: "answer", n, last: n - 1, refused: away };
  await marisol.page.getByLabel("Your words").fill("Through all this.");
  await marisol.presses("Say it");
  await expect(marisol.page.getByText("goes out by itself")).toBeVisible();
  await jun.hears("Through all this.");
  await expect(marisol.page.getByText("goes out by itself")).toBeHidden();
  expect(between.asked.slice(0, 3)).toEqual([{ n: 1, act: "say" }, { n: 1, act: "say" }, { n: 1, act: "say" }]);
});
