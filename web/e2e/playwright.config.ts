import { defineConfig } from "@playwright/test";

// Debian's chromium, not a downloaded one. HEARTH_CHROMIUM names another.
export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 1, // every test has a server of its own; two cores are soon busy
  retries: 0,
  forbidOnly: process.env.CI === "true",
  reporter: [["list"]],
  use: {
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.HEARTH_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
