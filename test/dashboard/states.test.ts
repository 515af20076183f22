/** The page in every state: nothing there yet, everything at once, the daemon away, by keyboard alone; and how large it is. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ROOT } from "../cli/process.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser, violationsOf } from "./browser.ts";

const PAGES = ["/", "/plugins", "/events", "/failures", "/gaps"];
const MOST_BYTES = 150_000;

async function twoThatStand() {
  const served = await servedDaemon({
    "one.ts": twoCallbacks(true),
    "two.ts": twoCallbacks(true).replaceAll("b is broken", "two is broken"),
    "good.ts": recorder("good"),
  });
  const { daemon, sandbox } = served;
  const { first } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => ["one", "two"].every((name) => lane(daemon, name).activity === "failed"));
  return { ...served, url: daemon.url!, first };
}

describe.skipIf(browserPath === null)("the page", { timeout: 240_000 }, () => {
  useBrowser();

  it("is small", () => {
    const files = globSync("dashboard/dist/**/*.{html,js,css,svg}", { cwd: ROOT });
    expect(files.length).toBeGreaterThanOrEqual(4);
    const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(ROOT, file))).length, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it("has words for when there is nothing yet, and passes axe then too", async () => {
    const { daemon } = await servedDaemon({});
    const page = await openPage(daemon.url!);
    const words = [
      "Nothing needs attention",
      "no plugin file",
      "No event matches yet",
      "No callback has failed",
      "No id is missing",
    ];
    for (const [index, path] of PAGES.entries()) {
      await page.goto(`${daemon.url}${path}`);
      await page.getByText(words[index]!).waitFor();
      expect(await violationsOf(page)).toEqual([]);
    }
  });

  it("says in the daemon's words why there is nothing, on every page", async () => {
    const { url } = await twoThatStand();
    const page = await openPage(url);
    const error = { code: "STATE_FULL", message: "The disk is full.", hint: "Make room." };
    await page.route("**/api/v1/**", (route) => route.fulfill({ status: 503, json: { error } }));
    for (const path of [...PAGES, "/plugins/one", "/events/1"]) {
      await page.goto(`${url}${path}`);
      await page.getByText("The disk is full.").first().waitFor();
      expect(await violationsOf(page)).toEqual([]);
    }
  });

  it("retries and skips everything that stands, after it has asked", async () => {
    const { url, first, daemon } = await twoThatStand();
    const page = await openPage(`${url}/failures`);
    await page.getByRole("button", { name: "Retry all 2" }).click();
    await page.getByRole("dialog").getByText("one, two: each starts again where it stopped.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Retry all 2" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await until(() => ["one", "two"].every((name) => lane(daemon, name).failures.stopped === 2));
    await page.getByRole("button", { name: "Skip all 2 events" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/Never given: event \d+ to (one|two), event \d+ to (one|two)\./).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Skip all 2 events" }).click();
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByLabel("Why").fill("made by a test");
    await dialog.getByRole("button", { name: "Skip all 2 events" }).click();
    await dialog.waitFor({ state: "hidden" });
    await until(async () => {
      const { plugins } = await daemon.answers.event(first);
      return plugins.filter(({ outcome }) => outcome === "skipped").length === 2;
    });
  });

  it("says what was refused, and leaves the question open", async () => {
    const { url, daemon } = await twoThatStand();
    const page = await openPage(`${url}/plugins/good`);
    await page.getByRole("button", { name: "Pause" }).click();
    await daemon.operations.pause("good", { by: "zoe", why: "first" });
    await page.getByText("Paused by zoe").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await page.getByRole("alert").getByText("good is paused already, by zoe.").waitFor();
  });

  it("is worked by keyboard alone", async () => {
    const { url } = await twoThatStand();
    const page = await openPage(url);
    await page.getByText("stopped at event").first().waitFor();
    const focused = () => page.evaluate("document.activeElement.firstChild.textContent.trim()");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    for (const name of ["Callsheet", "Overview", "Plugins", "Events", "Failures"]) {
      await page.keyboard.press("Tab");
      expect(await focused()).toBe(name);
    }
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Retry all 2" }).waitFor();
    await page.getByRole("button", { name: "Retry all 2" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    // the question holds the focus, and Escape takes it back
    for (let i = 0; i < 6; i += 1) {
      await page.keyboard.press("Tab");
      const inside =
        "document.activeElement.closest('dialog') !== null || document.activeElement === document.body";
      expect(await page.evaluate(inside)).toBe(true);
    }
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect(await focused()).toBe("Retry all 2");
  });

  it("draws how long calls took", async () => {
    const { url } = await twoThatStand();
    const page = await openPage(url);
    const samples = Array.from({ length: 60 }, (_, i) => ({
      at: new Date(Date.UTC(2026, 10, 27, 16, i)).toISOString(),
      calls: i % 7 === 0 ? 0 : 10 + i,
      p50Ms: i % 7 === 0 ? null : 20 + (i % 5),
      p95Ms: i % 7 === 0 ? null : 80 + i,
      backlog: Math.max(0, 30 - i),
    }));
    await page.route("**/plugins/good/history", (route) => route.fulfill({ json: { samples } }));
    await page.goto(`${url}/plugins/good`);
    await page.getByRole("img", { name: "A call takes; now p50 24 ms, p95 139 ms" }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });
});
