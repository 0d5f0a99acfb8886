// A whole circle on one server.
import { test } from "@playwright/test";
import { allLeave } from "./people.ts";
import { Server } from "./server.ts";
import { wholeCircle } from "./whole.ts";

let server: Server;
test.beforeEach(async () => {
  server = new Server();
  await server.start();
});
test.afterEach(async ({ browser }) => {
  await allLeave(browser);
  await server.remove();
});

test("a circle from arrival to close", ({ browser }) => wholeCircle(browser, (role) => server.links[role]));
