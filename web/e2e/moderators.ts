// Moderators at their desk, and people in a room who report.
import { expect, type Browser, type Locator, type Page } from "@playwright/test";
import { welcomed, withPasskeys } from "./passkey.ts";
import { Person } from "./people.ts";

/** A server, or a node among others. */
interface House {
  url: string;
  hearth(...args: string[]): string;
}

/** A browser in which a new moderator has signed in. */
export async function moderator(browser: Browser, house: House, name: string, viewport = { width: 1280, height: 900 }): Promise<Page> {
  const page = await withPasskeys(browser, { viewport });
  await welcomed(page, house.hearth("person", "invite", "--moderator").split("\n")[0]!, name);
  return page;
}

/** The same at the desk, with its key. */
export async function atDesk(browser: Browser, house: House, name: string, viewport = { width: 1280, height: 900 }): Promise<Page> {
  const page = await moderator(browser, house, name, viewport);
  await page.goto(`${house.url}/desk`);
  await page.getByRole("button", { name: "Make the key" }).click();
  await expect(page.getByText("This browser has its key").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "A key for this browser" })).toBeHidden();
  return page;
}

export const card = (page: Page, what: string): Locator => page.locator(".queue .case-card").filter({ hasText: what });
export const press = (page: Page, name: string | RegExp): Promise<void> => page.getByRole("button", { name, exact: typeof name === "string" }).click();
export const part = (page: Page, title: string): Locator => page.getByRole("region", { name: title });

/** One utterance as it came over the line. */
export interface Said {
  seq: number;
  at: number;
  seat: string;
  words: string;
  tag: string;
}

interface Frame {
  list?: { seq: number; at: number; said?: { seat: string; text: string; tag: string } }[];
  state?: { you?: { seat: string } };
}

/** Somebody in a room whose seat is known, and what they were told over the line. */
export class Heard extends Person {
  said: Said[] = [];
  seat = "";

  static async in(browser: Browser, link: string, name: string): Promise<Heard> {
    const page = await (await browser.newContext({ viewport: { width: 390, height: 844 } })).newPage();
    const p = new Heard(name, page);
    page.on("websocket", (ws) => ws.on("framereceived", ({ payload }) => p.#frame(JSON.parse(String(payload)))));
    await page.goto(link);
    await page.waitForURL(/\/c\//);
    await p.door();
    return p;
  }

  #frame(f: Frame): void {
    this.seat ||= f.state?.you?.seat ?? "";
    for (const one of f.list ?? []) if (one.said) this.said.push({ seq: one.seq, at: one.at, seat: one.said.seat, words: one.said.text, tag: one.said.tag });
  }

  /** Reports as the page does it, without the page. */
  async reports(body: object): Promise<{ code: string; words: string }> {
    const handle = /\/c\/([^/]+)/.exec(this.page.url())![1]!;
    return this.page.evaluate(async ([to, what]) => {
      const r = await fetch(to as string, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) });
      if (!r.ok) throw new Error(`${r.status} ${await r.text()}`);
      return r.json();
    }, [`/c/${handle}/report`, body] as const);
  }
}
