/** What can be done from a plugin's page, and what will happen then, is said before it is done. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, ids, lane, notes, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { browserPath, openPage, useBrowser, violationsOf } from "./browser.ts";

const FIVE = [CHANGE, CHANGE, CHANGE, CHANGE, CHANGE];

async function atFive() {
  const served = await servedDaemon({ "good.ts": recorder("good"), "bad.ts": twoCallbacks(true) });
  served.sandbox.site.events.add(FIVE);
  await until(
    () => lane(served.daemon, "good").calls === 5 && lane(served.daemon, "bad").activity === "failed",
  );
  return { ...served, url: served.daemon.url! };
}

describe.skipIf(browserPath === null)("a plugin's page", { timeout: 240_000 }, () => {
  useBrowser();

  it("rewinds a plugin that runs: says what comes again, and lets it go on", async () => {
    const { url, folder, daemon } = await atFive();
    const page = await openPage(`${url}/plugins/good`);
    await page.getByRole("button", { name: "Rewind or forward" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("To the event").fill("soon");
    await dialog.getByRole("button", { name: "Look what that does" }).click();
    await dialog.getByText("“soon” is no event id").waitFor();
    await dialog.getByLabel("To the event").fill("4");
    await dialog.getByRole("button", { name: "Look what that does" }).click();
    await dialog.getByText("2 events come again to good").waitFor();
    await dialog.getByText("Next is event 4.").waitFor();
    await dialog.getByText("It is paused for that").waitFor();
    expect(await violationsOf(page)).toEqual([]);
    // nothing has been done so far, and nothing is without a reason
    expect(notes(folder, "good")).toHaveLength(5);
    await dialog.getByRole("button", { name: "Rewind", exact: true }).click();
    expect(await dialog.isVisible()).toBe(true);
    await dialog.getByLabel("Why").fill("the tracker lost them");
    await dialog.getByRole("button", { name: "Rewind", exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
    await until(() => notes(folder, "good").length === 7);
    expect(ids(folder, "good")).toEqual([1, 2, 3, 4, 5, 4, 5]);
    expect(notes(folder, "good").at(-1)!.redelivered).toBe(true);
    expect(lane(daemon, "good").paused).toBeNull();
    const [resume, rewind] = await daemon.answers.actions(2);
    expect([resume?.action, rewind?.action, rewind?.why]).toEqual([
      "resume",
      "rewind",
      "the tracker lost them",
    ]);
  });

  it("passes over the events of a paused plugin, which stays paused", async () => {
    const { url, daemon } = await atFive();
    await daemon.operations.pause("bad", { by: "test", why: "x" });
    const page = await openPage(`${url}/plugins/bad`);
    await page.getByRole("button", { name: "Resume" }).waitFor();
    await page.getByRole("button", { name: "Rewind or forward" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Forward").check();
    await dialog.getByRole("button", { name: "Look what that does" }).click();
    await dialog.getByText("5 events are never given to bad").waitFor();
    await dialog.getByText("Next is the first that is still to come. It stays paused").waitFor();
    // another aim wants another look
    await dialog.getByLabel("Rewind").check();
    await dialog.getByLabel("To the event").fill("1");
    await dialog.getByRole("button", { name: "Look what that does" }).click();
    await dialog.getByText("That is where it stands.").waitFor();
    await dialog.getByLabel("Forward").check();
    await dialog.getByLabel("To the event").fill("4");
    await dialog.getByRole("button", { name: "Look what that does" }).click();
    await dialog.getByText("3 events are never given to bad").waitFor();
    await dialog.getByLabel("Why").fill("not for it");
    await dialog.getByRole("button", { name: "Forward", exact: true }).click();
    await dialog.waitFor({ state: "hidden" });
    await until(() => lane(daemon, "bad").backlog === 2);
    expect(lane(daemon, "bad").paused).not.toBeNull();
    const { plugins } = await daemon.answers.event(3);
    expect(plugins.find(({ plugin }) => plugin === "bad")?.outcome).toBe("skipped");
  });

  it("offers nothing for a plugin whose file is gone, and says so", async () => {
    const { url, folder } = await atFive();
    const page = await openPage(`${url}/plugins/bad`);
    await page.getByRole("button", { name: "Retry" }).waitFor();
    rmSync(join(folder, "plugins", "bad.ts"));
    await page.getByText("Its file is gone.").waitFor();
    const buttons = await page.getByRole("main").getByRole("button").allInnerTexts();
    expect(buttons.filter((text) => !/^\d+ h$/.test(text))).toEqual([]);
    await page.getByRole("heading", { name: "bad gone" }).waitFor();
    await page.goto(`${url}/failures`);
    await page.getByText("b is broken").first().waitFor();
    expect(await page.getByRole("button", { name: /Retry|Skip/ }).count()).toBe(0);
    expect(await violationsOf(page)).toEqual([]);
  });

  it("shows its own lines where it failed, and those of a Python plugin", async () => {
    const python = `def registerCallbacks(reg):
    reg.registerCallback("s", "k", on_event)

def on_event(sg, logger, event, args):
    table = {}
    return table[event["event_type"]]
`;
    const { daemon, sandbox } = await servedDaemon({ "bad.ts": twoCallbacks(true), "old.py": python });
    sandbox.site.events.add([CHANGE]);
    await until(() => ["bad", "old"].every((name) => lane(daemon, name).activity === "failed"));
    const page = await openPage(`${daemon.url}/plugins/bad`);
    const failed = (path: string, line: number) =>
      page.getByRole("figure", { name: new RegExp(`${path}, line ${line}$`) }).locator(".here");
    await failed("bad.ts", 8).getByText('8 if (true) throw new Error("b is broken");').waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await page.goto(`${daemon.url}/failures`);
    await failed("bad.ts", 8).getByText("b is broken").waitFor();
    await failed("old.py", 6).getByText('6 return table[event["event_type"]]').waitFor();
    expect(await violationsOf(page)).toEqual([]);
  });

  it("shows the event it stopped at as a tree, and says which events a replay would give", async () => {
    const { url } = await atFive();
    const page = await openPage(`${url}/plugins/bad`);
    await page.getByText("The event", { exact: true }).click();
    await page.getByText("sg_status_list").first().waitFor();
    await page.getByRole("button", { name: "Replay" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("From").fill("2");
    await dialog.getByText("Events 2 to 5: 4 ids.").waitFor();
    await dialog.getByLabel("To (optional)").fill("3");
    await dialog.getByText("Events 2 to 3: 2 ids.").waitFor();
  });
});
