// People of one circle sit on different nodes and notice nothing.
import { expect, test } from "@playwright/test";
import { Cluster, Front, missing } from "./cluster.ts";
import { allLeave, Person } from "./people.ts";
import { wholeCircle } from "./whole.ts";

test.skip(missing() !== "" && process.env.CI !== "true", `without ${missing()}: several nodes`);

let cluster: Cluster;
let front: Front; // to the third node, as long as there is one
test.beforeEach(async () => {
  test.setTimeout(180_000);
  cluster = new Cluster();
  await cluster.start();
  const [one, two, three] = cluster.nodes.map((n) => n.url) as [string, string, string];
  front = await Front.open([three, one, two]);
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await front?.close();
  await cluster.remove();
});

/** Where each of them comes in. */
function link(role: "facilitator" | "member" | "listener" | "moderator", name: string): string {
  const [one, two] = cluster.nodes.map((n) => n.url) as [string, string];
  const at: Record<string, string> = { Marisol: one, Jun: two, Abena: one, Noor: front.url };
  return cluster.link(role, at[name]!);
}

test("a circle from arrival to close on two nodes, while a third is killed and added", async ({ browser }) => {
  let over = false;
  let killed = 0;
  const trouble = (async () => {
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      cluster.kill(2);
      killed++;
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await cluster.again(2);
    }
  })();
  await wholeCircle(browser, link).finally(() => (over = true));
  await trouble;
  expect(killed).toBeGreaterThan(0);
});

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  test(`a holder's node ends by ${signal}: the turn goes on at another`, async ({ browser }) => {
    const marisol = await Person.comes(browser, link("facilitator", "Marisol"), "Marisol");
    const noor = await Person.comes(browser, cluster.link("member", front.url), "Noor");
    await marisol.presses("Begin the circle");
    await marisol.presses("Pass");
    await noor.presses("Take the stick");
    await noor.says("Before.");
    await noor.page.getByLabel("Your words").fill("A draft, half way");
    cluster.kill(2, signal);
    await expect.poll(() => front.at, { timeout: 30_000 }).toBe(cluster.nodes[0]!.url);
    await noor.sees("You have the stick");
    await expect(noor.page.getByLabel("Your words")).toHaveValue("A draft, half way");
    await noor.presses("Say it");
    await marisol.hears("A draft, half way");
    await noor.hears("Before.");
    await marisol.sees("Noor is speaking");
    for (const p of [marisol, noor]) await expect(p.page.getByText("Our records skipped back")).toHaveCount(0);
  });
}
