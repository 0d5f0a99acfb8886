// What holds of a page whatever is on it: it fits, and axe finds nothing.
import { expect, type Page } from "@playwright/test";
import { AxeBuilder } from "@axe-core/playwright";

async function isWithin(page: Page, name: string): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** What holds of a page as wide as it is; a picture of it if asked for. */
export async function fits(page: Page, name: string, fullPage = false): Promise<void> {
  await isWithin(page, name);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes[0]?.html}`), name).toEqual([]);
  await shot(page, name, fullPage);
}

async function shot(page: Page, name: string, fullPage: boolean): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage });
}

/** The same at every width. */
export async function fitsEverywhere(page: Page, name: string): Promise<void> {
  const was = page.viewportSize()!;
  for (const [width, height] of [[320, 640], [1280, 900]] as const) {
    await page.setViewportSize({ width, height });
    await fits(page, `${name}-${width}`, true);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await isWithin(page, `${name}-390`);
  await shot(page, `${name}-390`, true);
  await page.setViewportSize(was);
}
