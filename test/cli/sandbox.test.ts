import { expect, test } from "vitest";
import { Shotgun } from "../../src/client/shotgun.ts";
import { callsheet } from "./process.ts";

test("sandbox --json prints one line with all one needs, and ends with 0 on SIGTERM", async () => {
  const running = callsheet([
    "sandbox",
    "--port",
    "0",
    "--json",
    "--script",
    "daemon:s3cret",
    "--studio",
    "small",
  ]);
  const ready = JSON.parse((await running.says(/^\{.*\}\n/))[0]) as Record<string, string>;
  expect(ready).toMatchObject({
    script_name: "daemon",
    script_key: "s3cret",
    login: expect.any(String),
    password: expect.any(String),
  });
  const site = new Shotgun(ready.url!, { scriptName: "daemon", scriptKey: "s3cret" });
  expect((await site.find("Shot", [])).length).toBeGreaterThan(5);
  await site.close();
  running.kill("SIGTERM");
  expect(await running.ended).toEqual({ status: 0, signal: null });
  expect(running.stdout.trim().split("\n")).toHaveLength(1);
  expect(running.stderr).toBe("");
});
