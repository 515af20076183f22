import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { callsheet, folderWith, ROOT } from "./process.ts";

test("shows what started, events as they arrive and a summary; a saved plugin is reloaded; Ctrl-C ends it with 0", async () => {
  const temporary = folderWith();
  const plugins = folderWith();
  cpSync(join(ROOT, "examples/plugins"), plugins, { recursive: true });
  const demo = callsheet(["demo", "--plugins", plugins], { env: { TMPDIR: temporary } });

  await demo.says(/site +http:\/\/127\.0\.0\.1:\d+/);
  await demo.says(/script +callsheet {2}key \S+/);
  await demo.says(/status-news {2}onTaskStatus: Shotgun_Task_Change \(sg_status_list\)/);
  await demo.says(/tally +onAnything: every event/);
  await demo.says(/INFO +plugin\.status-news\.onTaskStatus +\S.* is .+\(/);
  await demo.says(/INFO +plugin\.shot-status\.onTaskStatus +\S+: \w+ → \w+/);
  await demo.says(/── \d+ events read, [1-9]\d* delivered, lag \d+ events? ──/);

  const file = join(plugins, "status-news.ts");
  writeFileSync(file, readFileSync(file, "utf8").replace('"%s is %s (%s)"', '"NEWS: %s is %s (%s)"'));
  await demo.says(/reloaded status-news/);
  await demo.says(/NEWS: \S/);
  expect(demo.stdout).not.toMatch(/WARN|ERROR|CRITICAL/);

  demo.kill("SIGINT");
  expect(await demo.ended).toEqual({ status: 0, signal: null });
  expect(demo.stderr).toBe("");
  expect(demo.stdout).toMatch(/Ended: \d+ events read, \d+ delivered/);
  expect(demo.stdout).not.toContain("\u001b");
  expect(readdirSync(temporary)).toEqual([]);
}, 120_000);
