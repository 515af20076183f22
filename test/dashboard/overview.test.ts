/** The overview in each state: at work, with a gap, the site away, the daemon away, and with texts from elsewhere. */
import { describe, expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser, violationsOf } from "./browser.ts";

describe.skipIf(browserPath === null)("the overview", { timeout: 240_000 }, () => {
  useBrowser();

  it("shows the way of an event stage by stage, an open gap, and every plugin, worst first", async () => {
    const { daemon, sandbox } = await servedDaemon({
      "bad.ts": twoCallbacks(true),
      "good.ts": recorder("good"),
    });
    const gap = sandbox.site.events.reserve(3);
    sandbox.site.events.add([CHANGE]);
    await until(() => lane(daemon, "bad").activity === "failed" && lane(daemon, "good").calls === 1);
    const page = await openPage(daemon.url!);
    const stages = page.getByRole("list").filter({ has: page.getByRole("heading", { name: "Site" }) });
    await stages.getByText("connected").waitFor();
    await stages.getByText("1 of 2 stopped").waitFor();
    await stages.getByRole("link", { name: "1 open gap" }).waitFor();
    const tiles = page.locator(".wall a");
    expect(await tiles.locator("span").allInnerTexts()).toEqual(["bad", "good"]);
    await page.getByRole("link", { name: "1 failed" }).waitFor();
    await page.getByRole("navigation").getByRole("link", { name: "Failures 1" }).waitFor();
    expect(await page.title()).toBe("(1) Overview · Callsheet");
    await page.getByRole("navigation").getByRole("link", { name: "Gaps 1" }).click();
    await page.getByRole("rowheader", { name: "1 – 3" }).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    gap.commit();
    await page.getByText("No id is missing.").waitFor();
  });

  it.each(["light", "dark"] as const)(
    "says that the site is away, and then that the daemon is, %s",
    async (colorScheme) => {
      const { daemon, sandbox } = await servedDaemon({ "good.ts": recorder("good") });
      const page = await openPage(daemon.url!, { colorScheme });
      await page.getByRole("heading", { name: "Events are flowing" }).waitFor();
      await sandbox.close();
      await page.getByRole("heading", { name: "Events do not flow" }).waitFor();
      await page.getByText("unreachable").waitFor();
      await page.getByText("the site cannot be asked since").waitFor();
      // a time is the reader's own
      expect(await page.getByRole("main").innerText()).not.toMatch(/\d{4}-\d\d-\d\dT/);
      expect(await violationsOf(page)).toEqual([]);
      await page.context().setOffline(true);
      await page.getByText(/^No answer since \d\d:\d\d:\d\d\. What is shown is as of then/).waitFor();
      await page.getByRole("heading", { name: "The daemon does not answer" }).waitFor();
      expect(await violationsOf(page)).toEqual([]);
    },
  );

  it("spells out the characters that turn text around, and keeps other scripts as they are", async () => {
    const message = "\u202etxt.exe لا تذكرة للقطة";
    const { daemon, sandbox } = await servedDaemon({
      "bad.ts": twoCallbacks(true).replaceAll("b is broken", message),
    });
    sandbox.site.events.add([CHANGE]);
    await until(() => lane(daemon, "bad").activity === "failed");
    const page = await openPage(daemon.url!);
    for (const path of ["/", "/plugins", "/plugins/bad", "/failures"]) {
      await page.goto(`${daemon.url}${path}`);
      await page.getByText("\\u202etxt.exe لا تذكرة للقطة").first().waitFor();
      expect(await page.getByRole("main").innerText()).not.toContain("\u202e");
    }
  });

  it("shows hundreds of plugins, while it is told of what they do, and finds some of them", async () => {
    const { daemon, sandbox, get } = await servedDaemon({ "good.ts": recorder("good") });
    const { json: status } = await get("/api/v1/status");
    const many = Array.from({ length: 400 }, (_, i) => ({
      ...status.plugins[0],
      id: `id${i}`,
      name: `good${i || ""}`,
    }));
    const page = await openPage(daemon.url!);
    await page.route("**/api/v1/status", (route) => route.fulfill({ json: { ...status, plugins: many } }));
    await page.goto(daemon.url!);
    await page.getByRole("link", { name: "All 400 plugins" }).click();
    await page.getByText("Filter all 400").waitFor();
    expect(await page.getByRole("rowheader").count()).toBe(400);
    const calls = () => lane(daemon, "good").calls;
    for (let i = 1; i <= 5; i += 1) {
      sandbox.site.events.add([CHANGE]);
      await until(() => calls() === i);
    }
    await page.getByLabel("Filter").fill("good39");
    await until(async () => (await page.getByRole("rowheader").count()) === 11);
  });
});
