import { expect, test } from "vitest";
import type { Finding } from "../../src/daemon/check.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, lane, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "../server/rig.ts";
import { said } from "./said.ts";

test("doctor looks at the machine, the setup and the daemon, and says what helps", async () => {
  const { sandbox, daemon, config } = await servedDaemon({
    "good.ts": recorder("good"),
    "bad.ts": twoCallbacks(true),
  });
  sandbox.site.events.add([CHANGE]);
  await until(() => lane(daemon, "bad").activity === "failed");
  const doctor = async () => {
    const { stdout, status } = await said("doctor", "--config", config.file, "--json");
    return { findings: JSON.parse(stdout) as Finding[], status };
  };
  const { findings, status } = await doctor();
  const of = (name: string) => findings.filter(({ what }) => what === name);
  expect(of("versions")[0]!.detail).toContain(`Node.js ${process.versions.node}`);
  expect(of("clock")[0]).toMatchObject({
    status: "ok",
    detail: expect.stringMatching(/s from the site's|does not tell/),
  });
  expect(of("disk")[0]!.detail).toMatch(/GB free under/);
  expect(of("credentials")[0]!.status).toBe("ok");
  expect(of("daemon")).toMatchObject([
    { status: "ok", detail: expect.stringContaining(daemon.url!) },
    { status: "fail", detail: expect.stringContaining("bad stopped at event"), cure: "callsheet retry bad" },
  ]);
  expect(status).toBe(1);
  await daemon.stop();
  const stopped = (await doctor()).findings.filter(({ what }) => what === "daemon");
  expect(stopped).toMatchObject([{ status: "warn", detail: expect.stringContaining("No daemon runs on") }]);
});
