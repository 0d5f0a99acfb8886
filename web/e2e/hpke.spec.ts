// A moderator's key in the browser: what Go sealed opens here, and what is not
// for this key does not. The modules are served alone, without a house.
import { expect, test, type Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as ModKey from "../face/modkey.ts";
import type { Body, Sealed } from "../face/deskwire.ts";

/** What `go test ./moderation -run TestSealedVector -rewrite` wrote. */
interface Vector {
  private: string;
  raw: string;
  id: string;
  body: Body;
  sealed: Sealed;
  foreign: Sealed;
}

const at = "http://localhost:9/"; // nothing listens there: every answer is this test's
const vector = JSON.parse(readFileSync(join(import.meta.dirname, "../../moderation/testdata/sealed.json"), "utf8")) as Vector;
let made = "";

test.beforeAll(() => {
  made = mkdtempSync(join(tmpdir(), "hearth-modkey-"));
  execFileSync(join(import.meta.dirname, "node_modules/.bin/tsc"), [
    "--ignoreConfig", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2023,dom",
    "--types", "", "--rewriteRelativeImportExtensions", "--outDir", made, join(import.meta.dirname, "../face/modkey.ts"),
  ], { stdio: "inherit" });
});

test.afterAll(() => rmSync(made, { recursive: true }));

/** A page in which the module is window.key. */
async function opened(page: Page): Promise<void> {
  await page.route(at + "**", (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name.endsWith(".js")) return route.fulfill({ contentType: "text/javascript", body: readFileSync(join(made, name), "utf8") });
    return route.fulfill({ contentType: "text/html", body: `<!doctype html><script type=module>import * as k from "./modkey.js"; window.key = k;</script>` });
  });
  await page.goto(at);
  await page.waitForFunction(() => "key" in window);
}

declare global {
  interface Window {
    key: typeof ModKey;
  }
}

/** Puts the vector's pair where a person's own would be. */
function put(page: Page, person: string): Promise<void> {
  return page.evaluate(async ({ person, v }) => {
    const url = (s: string): string => s.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    const raw = Uint8Array.from(atob(v.raw), (c) => c.charCodeAt(0));
    const part = (from: number): string => url(btoa(String.fromCharCode(...raw.slice(from, from + 32))));
    const jwk = { kty: "EC", crv: "P-256", x: part(1), y: part(33), d: url(v.private) };
    const own = await crypto.subtle.importKey("jwk", jwk, { name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
    await window.key.ownKey("somebody else"); // makes the shelf
    await new Promise<void>((done, fail) => {
      const asked = indexedDB.open("hearth-desk", 1);
      asked.onsuccess = () => {
        const step = asked.result.transaction("own", "readwrite");
        step.objectStore("own").put({ own, raw: raw.buffer }, person);
        step.oncomplete = () => { asked.result.close(); done(); };
        step.onerror = () => fail(step.error);
      };
    });
  }, { person, v: vector });
}

const open = (page: Page, sealed: Sealed, person: string): Promise<Body | undefined> =>
  page.evaluate(({ sealed, person }) => window.key.open(sealed, person), { sealed, person });
const own = (page: Page, person: string): Promise<ModKey.OwnKey | undefined> => page.evaluate((p) => window.key.ownKey(p), person);

test("what Go sealed opens in the browser", async ({ page }) => {
  await opened(page);
  await put(page, "amina");
  expect(await own(page, "amina")).toEqual({ id: vector.id, raw: vector.raw });
  expect(await open(page, vector.sealed, "amina")).toEqual(vector.body);
});

test("what is not for this key, or was changed, does not open, and nothing is thrown", async ({ page }) => {
  await opened(page);
  await put(page, "amina");
  const { sealed, foreign } = vector;
  const at = sealed.to.findIndex((w) => w.key === vector.id);
  const flip = (s: string): string => (s[20] === "A" ? s.slice(0, 20) + "B" : s.slice(0, 20) + "A") + s.slice(21);
  const changed = (part: Partial<Sealed["to"][0]>): Sealed => ({ ...sealed, to: sealed.to.map((w, i) => (i === at ? { ...w, ...part } : w)) });
  const mine = sealed.to[at]!;
  for (const [what, s] of Object.entries<Sealed>({
    foreign, version: { ...sealed, v: 2 }, body: { ...sealed, body: flip(sealed.body) }, short: { ...sealed, body: "AAAA" }, nobody: { ...sealed, to: [] },
    box: changed({ box: flip(mine.box) }), enc: changed({ enc: flip(mine.enc) }), cut: changed({ enc: mine.enc.slice(0, 40) }), none: changed({ box: "" }),
    text: { ...sealed, body: "no base64!" }, other: changed({ enc: sealed.to[1 - at]!.enc, box: sealed.to[1 - at]!.box }),
  })) expect.soft(await open(page, s, "amina"), what).toBeUndefined();
  for (const person of ["somebody else", "nobody"]) expect(await open(page, sealed, person)).toBeUndefined();
  expect(await open(page, sealed, "amina")).toEqual(vector.body); // the control
});

test("a key is made once, for each person, and its private half can't be had", async ({ page, context }) => {
  await opened(page);
  const beside = await context.newPage();
  await opened(beside);
  const [one, two] = await Promise.all([own(page, "amina"), own(beside, "amina")]);
  expect(one).toEqual(two);
  expect(Buffer.from(one!.raw, "base64")).toHaveLength(65);
  expect((await own(page, "ben"))!.id).not.toBe(one!.id);
  await page.reload();
  await page.waitForFunction(() => "key" in window);
  expect(await own(page, "amina")).toEqual(one);
  const got = await page.evaluate(() => new Promise<string>((done) => {
    const asked = indexedDB.open("hearth-desk", 1);
    asked.onsuccess = () => {
      const read = asked.result.transaction("own").objectStore("own").get("amina");
      read.onsuccess = () => {
        const key = (read.result as { own: CryptoKey }).own;
        crypto.subtle.exportKey("jwk", key).then((k) => done(JSON.stringify(k)), (e: Error) => done(e.name));
      };
    };
  }));
  expect(got).toBe("InvalidAccessError");
  await page.evaluate(() => window.key.forgetKey("amina"));
  expect((await own(page, "amina"))!.id).not.toBe(one!.id);
});

test("a browser that keeps nothing has no key, and says so", async ({ page }) => {
  for (const refuse of [
    () => { Object.defineProperty(window, "indexedDB", { value: { open() { throw new DOMException("no", "SecurityError"); } } }); },
    () => { Object.defineProperty(window, "indexedDB", { value: undefined }); },
  ]) {
    await opened(page);
    await page.evaluate(refuse);
    expect(await own(page, "amina")).toBeUndefined();
    expect(await open(page, vector.sealed, "amina")).toBeUndefined();
    await page.evaluate(() => window.key.forgetKey("amina"));
  }
});
