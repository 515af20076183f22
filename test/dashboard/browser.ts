/** A real Chromium with the page of a real daemon in it. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const CHROMIUM = [
  process.env.CALLSHEET_TEST_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** null: there is none on this machine, and what needs it is skipped. */
export const browserPath = CHROMIUM.find((path) => path !== undefined && existsSync(path)) ?? null;
if (browserPath === null)
  console.warn(
    "SKIPPED: the page's tests need Chromium (apt-get install chromium), or CALLSHEET_TEST_CHROMIUM with its path",
  );

let browser: Browser;

/** Builds the page if it has not been, and keeps a browser for the tests of a file. */
export function useBrowser(): void {
  beforeAll(async () => {
    if (!existsSync(join(ROOT, "dashboard", "dist", "index.html")))
      execFileSync("npm", ["run", "-s", "build:page"], { cwd: ROOT, stdio: "inherit" });
    browser = await chromium.launch({
      executablePath: browserPath!,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
      ],
    });
  });
  afterAll(() => browser?.close());
}

export interface OpenOptions {
  colorScheme?: "light" | "dark";
  width?: number;
  /** Run before the page's own. */
  script?: string;
}

/** A fresh page at `url`, closed after the test, which fails on whatever goes wrong in the page. */
export async function openPage(
  url: string,
  { colorScheme = "light", width = 1200, script }: OpenOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 800 },
    locale: "en-GB",
  });
  if (script !== undefined) await context.addInitScript(script);
  const page = await context.newPage();
  const troubles: string[] = [];
  const foreign: string[] = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
  page.on(
    "request",
    (request) => new URL(request.url()).host !== new URL(url).host && foreign.push(request.url()),
  );
  onTestFinished(async () => {
    await context.close();
    // what the daemon refuses, and that it is away, the page tells in its own words
    const own = troubles.filter((text) => !text.startsWith("Failed to load resource"));
    if (own.length + foreign.length > 0) throw new Error(`The page: ${[...own, ...foreign].join("; ")}`);
  });
  await page.goto(url);
  return page;
}

/** What axe finds wrong, with the place. */
export async function violationsOf(page: Page): Promise<string[]> {
  // axe's other mode opens a second page each time, for frames of other sites
  expect(page.frames()).toHaveLength(1);
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await axe.analyze();
  return violations.map(({ id, nodes }) => `${page.url()}: ${id} ${nodes[0]?.html}`);
}
