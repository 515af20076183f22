/** A day in the life: a plugin breaks, people are told, somebody looks, mends, presses a button, and nothing was lost. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openMailbox } from "../alerts/places.ts";
import { callsheet, folderWith } from "../cli/process.ts";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE, OTHER } from "../daemon/whole.ts";
import { browserPath, openPage, useBrowser } from "./browser.ts";

/** Submits to a farm whose address stands in a file that no daemon watches. */
const FARM = `import { appendFileSync, readFileSync } from "node:fs";
import type { Registrar } from "callsheet";

export function registerCallbacks(reg: Registrar) {
  reg.setEmails("td@studio.example");
  reg.registerCallback("s", "k", function submit(_sg, logger, event) {
    const { host } = JSON.parse(readFileSync(new URL("../farm.json", import.meta.url), "utf8"));
    appendFileSync(new URL("../submitted", import.meta.url), \`\${event.id}\\n\`);
    logger.info("submitted to %s", host);
  }, { Shotgun_Task_Change: ["sg_status_list"] });
}`;
const NEWS = `
import os

def registerCallbacks(reg):
    reg.registerCallback("s", "k", tell)

def tell(sg, logger, event, args):
    with open(os.path.join(os.path.dirname(__file__), "..", "told"), "a") as file:
        file.write("%d\\n" % event["id"])
`;

describe.skipIf(browserPath === null)("a day in the life", () => {
  useBrowser();

  it("of a plugin that breaks: mail, page, retry, recovery, and an audit without differences", async () => {
    const sandbox = await openTestSandbox();
    const mailbox = await openMailbox();
    const { url, scriptName, scriptKey } = sandbox;
    const mail = {
      server: "127.0.0.1",
      port: mailbox.port,
      from: "callsheet@studio.example",
      to: ["pipeline@studio.example"],
    };
    const folder = folderWith({
      "plugins/farm.ts": FARM,
      "plugins/news.py": NEWS,
      "farm.json": '{ "host": "farm01" }',
      "callsheet.config.json": JSON.stringify({
        site: { url, scriptName, scriptKey },
        fetchInterval: "50ms",
        server: { port: 0 },
        alerts: { gather: "200ms", mail },
      }),
    });
    const ids = (file: string) =>
      existsSync(join(folder, file))
        ? readFileSync(join(folder, file), "utf8").trim().split("\n").map(Number)
        : [];
    const daemon = callsheet(["run"], { cwd: folder });
    const [, address] = await daemon.says(/page and control API at (http:[^"\s]+)/);
    await daemon.says(/first start/);
    await daemon.says(/loaded farm/);
    await daemon.says(/loaded news/);

    // the morning: all is well
    const morning = sandbox.site.events.add([CHANGE, OTHER, CHANGE]);
    await until(() => ids("submitted").length === 2 && ids("told").length === 3);

    // somebody breaks the file
    appendFileSync(join(folder, "farm.json"), "oops");
    const noon = sandbox.site.events.add([OTHER, CHANGE, CHANGE, OTHER, CHANGE]);
    const broken = noon.first + 1;
    await until(
      () => mailbox.mails.length === 1,
      () => daemon.all,
    );
    expect(mailbox.mails[0]).toMatchObject({
      recipients: ["td@studio.example"],
      subject: expect.stringMatching(/^\[callsheet\] farm: SyntaxError: /),
      text: expect.stringMatching(
        new RegExp(`farm stopped at event ${broken}[\\s\\S]*farm\\.ts:7[\\s\\S]*callsheet retry farm`),
      ),
    });
    // its neighbour does not wait
    await until(() => ids("told").length === 8);

    // the operator opens the page, and sees at once
    const page = await openPage(address!);
    await page.getByText(`stopped at event ${broken}`).waitFor();
    await page.getByRole("link", { name: "farm" }).first().click();
    await page.getByText("farm.ts:7").first().waitFor();
    const retry = async () => {
      await page.getByRole("button", { name: "Retry" }).click();
      await page.getByRole("dialog").getByLabel("Why").fill("farm.json is mended");
      await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
      await page.getByRole("dialog").waitFor({ state: "hidden" });
    };
    // too early: it stops again, and nobody is told twice
    await retry();
    await daemon.says(/retry farm \(event \d+\)/);
    // the button that is there may still be the one before
    await until(
      () => [...daemon.all.matchAll(/"kind":"failure"/g)].length === 2,
      () => daemon.all,
    );
    await page.getByRole("button", { name: "Retry" }).waitFor();

    // mended, and the button once more
    writeFileSync(join(folder, "farm.json"), '{ "host": "farm02" }');
    await retry();
    await page.getByText("running").first().waitFor();
    await until(
      () => ids("submitted").length === 5,
      () => daemon.all,
    );
    await until(
      () => mailbox.mails.length === 2,
      () => daemon.all,
    );
    expect(mailbox.mails[1]).toMatchObject({
      recipients: ["td@studio.example"],
      subject: expect.stringMatching(/^Re: \[callsheet\] \[running again\] farm: SyntaxError/),
      references: mailbox.mails[0]!.messageId,
      text: expect.stringMatching(/^farm is running again and has caught up: \d events/),
    });

    // the evening: nothing was lost, and the journal can prove it
    const all = sandbox.site.events.add([CHANGE]);
    await until(() => ids("submitted").at(-1) === all.last);
    expect(ids("submitted")).toEqual([morning.first, morning.last, broken, broken + 1, noon.last, all.last]);
    const audit = callsheet(["audit", "--json"], { cwd: folder });
    expect((await audit.ended).status).toBe(0);
    const report = JSON.parse(audit.stdout);
    expect(report.differences).toBe(0);
    expect(report.events).toBe(9);
    const { actions } = (await (await fetch(`${address}/api/v1/actions`)).json()) as { actions: object[] };
    expect(actions).toMatchObject([
      { action: "retry", plugin: "farm", why: "farm.json is mended" },
      { action: "retry", plugin: "farm" },
    ]);
    daemon.kill("SIGTERM");
    expect((await daemon.ended).status).toBe(0);
    expect(mailbox.mails.length).toBe(2);
  }, 240_000);
});
