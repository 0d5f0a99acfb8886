// People in a circle, each with a browser context of their own: what they
// do and what they see, in the words of the page.
import { expect, type Browser, type BrowserContextOptions, type Locator, type Page } from "@playwright/test";

export class Person {
  readonly name: string;
  readonly page: Page;

  constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
  }

  /** Opens a link, says a name at the door and takes a seat. */
  static async comes(browser: Browser, link: string, name: string, how: BrowserContextOptions & { listen?: boolean } = {}): Promise<Person> {
    const { listen, ...options } = how;
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, ...options });
    const page = await context.newPage();
    const p = new Person(name, page);
    await page.goto(link);
    await page.waitForURL(/\/c\//);
    await p.door(listen);
    return p;
  }

  async door(listen = false): Promise<void> {
    await this.page.getByLabel("What shall we call you?").fill(this.name);
    if (listen) await this.page.getByText("Just listen", { exact: true }).click();
    await this.page.getByRole("button", { name: /let me in/i }).click();
    await this.inRoom();
  }

  async inRoom(): Promise<void> {
    await expect(this.page.locator("#bar")).toBeVisible();
    await expect(this.now).not.toHaveText("");
  }

  /** The one sentence about what is now. */
  get now(): Locator {
    return this.page.locator("#now");
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  async presses(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }

  async says(words: string): Promise<void> {
    await this.page.getByLabel("Your words").fill(words);
    await this.presses("Say it");
    await expect(this.page.getByLabel("Your words")).toHaveValue("");
  }

  async hears(words: string): Promise<void> {
    await expect(this.page.locator("#words")).toContainText(words);
  }

  async hasNotHeard(words: string): Promise<void> {
    await expect(this.page.locator("#words")).not.toContainText(words);
  }

  async sees(sentence: string | RegExp): Promise<void> {
    await expect(this.now).toContainText(sentence);
  }
}

/** Closes every window of a test: the next one starts with an empty house. */
export async function allLeave(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((c) => c.close()));
}
