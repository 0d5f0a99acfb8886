// A member's path in Spanish and Arabic: the language is chosen at the door,
// holds from there on, and runs the way that it is read. SHOTS names a folder
// for pictures.
import AxeBuilder from "@axe-core/playwright";
import { expect, test, type Browser, type Page } from "@playwright/test";
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

const tongues = {
  es: { own: "Español", dir: "ltr", change: "Change", name: "¿Cómo te llamamos?", letIn: "De acuerdo, quiero entrar", arriving: "La gente está llegando.", offered: "Se te ofrece el bastón.", take: "Tomar el bastón", mine: "Tienes el bastón.", words: "Tus palabras", say: "Decirlo", pass: "Pasarlo", muted: "No puedes hablar", help: "Ayuda", leave: "Salir del círculo", place: "Mi lugar", fine: "Estoy bien, solo me voy", left: "Has salido del círculo", empty: "Dinos cómo llamarte, por favor.", taken: "Alguien aquí ya usa ese nombre." },
  ar: { own: "العربية", dir: "rtl", change: "Change", name: "بماذا نناديك؟", letIn: "أوافق، أودّ الدخول", arriving: "الناس يصلون الآن.", offered: "العصا معروضة عليك.", take: "أخذ العصا", mine: "العصا معك.", words: "كلماتك", say: "قول هذا", pass: "تمرير العصا", muted: "لا يمكنك الكلام", help: "مساعدة", leave: "مغادرة الحلقة", place: "مكاني", fine: "أنا بخير، مغادرة فقط", left: "لقد غادرت الحلقة", empty: "نودّ أن نعرف بماذا نناديك.", taken: "هناك من يحمل هذا الاسم هنا." },
} as const;

async function fits(page: Page, what: string): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${what}.png` });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((v) => `${what}: ${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)).toEqual([]);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${what} scrolls sideways`).toBeLessThanOrEqual(0);
}

/** What stands on the page in English letters, of what the house says itself. */
async function english(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const known = /^(Hearth|Marisol|English|Español|Leave|Shift|HOME|SHOUT|START|MB|JavaScript)$/;
    const out: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      const el = n.parentElement!;
      if (!el.checkVisibility() || el.closest("script, h1, #title, .post, #prompt, select, #rules, .avatar, .face")) continue;
      out.push(...(n.textContent!.match(/[A-Za-z]{4,}/g) ?? []).filter((w) => !known.test(w)));
    }
    return out;
  });
}

async function comes(browser: Browser, tag: keyof typeof tongues, width: number): Promise<Page> {
  const t = tongues[tag];
  const context = await browser.newContext({ viewport: { width, height: width === 320 ? 640 : 844 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(server.links.member);
  await page.waitForURL(/\/c\//);
  const door = page.url();
  await page.getByLabel("Language").selectOption({ label: t.own });
  await page.getByRole("button", { name: t.change }).click();
  await page.waitForURL(door); // back at the same door
  await expect(page.locator("html")).toHaveAttribute("lang", tag);
  await expect(page.locator("html")).toHaveAttribute("dir", t.dir);
  await fits(page, `${tag}-door-${width}`);
  return page;
}

for (const tag of ["es", "ar"] as const) {
  test(`a member picks ${tag} at the door, sits and takes the stick`, async ({ browser }) => {
    test.setTimeout(120_000);
    const t = tongues[tag];
    const marisol = await Person.comes(browser, server.links.facilitator, "Marisol");
    const page = await comes(browser, tag, 320);
    const now = page.locator("#now");
    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

    await page.getByLabel(t.name).fill("Marisol");
    await press(t.letIn);
    await expect(page.locator("#name-problem")).toContainText(t.taken); // what the room says, too
    await page.getByLabel(t.name).fill("نور");
    await press(t.letIn);
    await expect(now).toContainText(t.arriving);
    await fits(page, `${tag}-arriving-320`);

    await marisol.presses("Begin the circle");
    await marisol.presses("Take the stick");
    await marisol.says("It is good to be here.");
    await marisol.presses("Pass it on");
    await expect(now).toContainText(t.offered);
    if (tag === "ar") expect(await english(page)).toEqual(["good", "here"]); // her words
    await fits(page, `${tag}-offered-320`);
    await press(t.take);
    await expect(now).toContainText(t.mine);
    await page.getByLabel(t.words).fill(tag === "ar" ? "أنا سعيد بأنني هنا، مع Marisol." : "Me alegra estar aquí.");
    await fits(page, `${tag}-holding-320`);
    await press(t.say);
    await marisol.hears(tag === "ar" ? "أنا سعيد" : "Me alegra");

    await page.setViewportSize({ width: 1280, height: 900 });
    await fits(page, `${tag}-holding-1280`);
    if (tag === "ar") { // the page begins at the right: one's own name, the corner at the left
      const corner = (await page.locator(".top .corner").boundingBox())!;
      const brand = (await page.locator(".brand").boundingBox())!;
      expect(corner.x).toBeLessThan(brand.x);
    }
    await press(t.pass);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: t.place, exact: true }).click();
    await fits(page, `${tag}-place-390`);
    await press(t.leave);
    await press(t.fine);
    await expect(page.getByRole("heading", { name: t.left })).toBeVisible();
    await fits(page, `${tag}-left-390`);
  });
}

// The language holds on every other page, and goes when somebody leaves quickly.
test("pages without a circle in Arabic, and what leaving quickly forgets", async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, reducedMotion: "reduce", locale: "ar" });
  const page = await context.newPage();
  for (const [what, path] of [["home", "/"], ["directory", "/circles"], ["enter", "/enter"], ["help", "/help?country=US"], ["card", "/help/card"], ["nothing", "/nothing"]] as const) {
    await page.goto(server.url + path);
    await expect(page.locator("html")).toHaveAttribute("dir", "rtl"); // as the browser asks
    await fits(page, `ar-${what}-320`);
  }
  await page.goto(server.url + "/enter");
  await page.getByLabel("اللغة").selectOption("es");
  await page.locator(".languages button").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.locator("#open-help")).toHaveAttribute("role", "button"); // the script is there
  expect(new URL(page.url()).pathname).toBe("/enter");
  expect((await context.cookies()).map((c) => c.name)).toContain("__Host-hearth-lang");
  await page.goto(server.url + "/reminders?do=yes#the-code-of-a-mail"); // which is read once, and often on another device
  await expect(page.locator("#code")).toHaveValue("the-code-of-a-mail");
  await page.locator("#tongue").selectOption("en");
  await page.locator(".languages button").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator("#code")).toHaveValue("the-code-of-a-mail");
  expect(page.url()).not.toContain("the-code");
  await page.locator("#tongue").selectOption("es");
  await page.locator(".languages button").click();
  await page.getByRole("link", { name: "Salir rápido" }).click();
  await page.waitForURL("about:blank");
  await expect.poll(async () => (await context.cookies()).map((c) => c.name)).not.toContain("__Host-hearth-lang");
});
