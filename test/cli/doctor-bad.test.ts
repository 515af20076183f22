/** What doctor says when something is wrong: each case is really so. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Finding } from "../../src/daemon/check.ts";
import { networkFileSystem } from "../../src/daemon/check-machine.ts";
import { openSandbox } from "../../src/sandbox/open.ts";
import { studio } from "../daemon/rig.ts";
import { withoutPython } from "../plugins-python/python.ts";
import { said } from "./said.ts";

vi.setConfig({ testTimeout: 300_000 });

const INGEST = { name: "ingest", key: "the-key-of-ingest", deny: ["read_entity Version"] };

async function doctor(plugins: Record<string, string>, options: object = {}) {
  const sandbox = await openSandbox({
    scripts: [{ name: "callsheet", key: "the-key-of-callsheet" }, INGEST],
    studio: "small",
  });
  onTestFinished(() => sandbox.close());
  const { config } = await studio(sandbox, plugins, options);
  const { stdout, status } = await said("doctor", "--config", config.file, "--json");
  const findings = JSON.parse(stdout) as Finding[];
  for (const { status, cure } of findings) if (status === "fail") expect(cure).not.toBe("");
  expect(stdout).not.toMatch(/the-key-of|a-wrong-key/);
  return { status, of: (name: string) => findings.find(({ what }) => what === name)! };
}

function uses(name: string, key: string, events: string): string {
  return `export function registerCallbacks(reg) {
  reg.registerCallback(${JSON.stringify(name)}, ${JSON.stringify(key)}, () => {}, ${events});
}`;
}

test("the scripts of plugins: a wrong key, and what one does not see", async () => {
  const { status, of } = await doctor({
    "wrong.js": uses("ingest", "a-wrong-key-of-ingest", "null"),
    "tasks.js": uses(
      "callsheet",
      "the-key-of-callsheet",
      "{ Shotgun_Task_Change: null, Shotgun_Nothing_New: null }",
    ),
    "both.js": uses("callsheet", "the-key-of-callsheet", "{ Shotgun_Version_New: null }"),
  });
  expect(of("script ingest")).toEqual({
    status: "fail",
    what: "script ingest",
    detail: expect.stringMatching(/ingest.*; used by wrong$/),
    cure: expect.stringContaining("Scripts page"),
  });
  expect(of("script callsheet")).toMatchObject({
    status: "warn",
    detail: "may log in, sees Version, Task; used by both, tasks; sees no Nothing",
    cure: expect.stringContaining("matchEvents"),
  });
  expect(status).toBe(1);
});

test.skipIf(withoutPython)(
  "a Python plugin's script, and one that may not see what it is called for",
  async () => {
    const { of } = await doctor(
      {
        "versions.py": `def registerCallbacks(reg):
    reg.registerCallback("ingest", "the-key-of-ingest", cb, {"Shotgun_Version_New": None})
def cb(sg, logger, event, args): pass
`,
        "all.js": uses("ingest", "the-key-of-ingest", "null"),
      },
      { alerts: { diskFreeLimit: 1e15 } },
    );
    expect(of("disk")).toMatchObject({ status: "warn", cure: expect.stringContaining("Make room") });
    expect(of("script ingest")).toMatchObject({
      status: "warn",
      detail: "may log in; used by all, versions; sees no Version",
      cure: expect.stringContaining("permission group"),
    });
  },
);

test("disk, mail server, interpreter, plugin folder, state", async () => {
  const { of, status } = await doctor(
    { "one.py": "def registerCallbacks(reg): pass\n" },
    {
      alerts: {
        mail: { server: "127.0.0.1", port: 9, from: "a@example.com", to: ["b@example.com"] },
      },
      python: { interpreter: "/nowhere/python3" },
      plugins: ["./plugins", "./gone"],
      state: "/proc/version/state",
    },
  );
  // nothing is free below /proc
  expect(of("disk")).toMatchObject({ status: "fail", detail: expect.stringContaining("the disk is full") });
  expect(of("alerts by mail")).toMatchObject({
    status: "fail",
    detail: expect.stringContaining("127.0.0.1"),
  });
  expect(of("plugin one")).toMatchObject({
    status: "fail",
    detail: expect.stringContaining("/nowhere/python3"),
  });
  expect(of("plugin folder")).toMatchObject({ status: "fail", detail: expect.stringContaining("gone") });
  expect(of("state")).toMatchObject({ status: "fail", cure: expect.stringContaining("`state`") });
  expect(status).toBe(1);
});

test("a clock that is off, and a site that is away", async () => {
  const site = createServer((_request, reply) => {
    reply.setHeader("date", new Date(Date.now() - 3_600_000).toUTCString()).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void site.close());
  await once(site, "listening");
  const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const own = { scriptName: "s", scriptKey: "the-key-of-s" };
  const late = await doctor({}, { site: { url, ...own } });
  expect(late.of("clock")).toMatchObject({
    status: "warn",
    detail: expect.stringMatching(/^3(599|600|601) s from/),
    cure: expect.stringContaining("time server"),
  });
  expect(late.of("site").status).toBe("fail");
  const away = await doctor({}, { site: { url: "http://127.0.0.1:9", ...own } });
  expect(away.of("site")).toMatchObject({ status: "fail", cure: expect.stringContaining("url") });
  expect(away.of("clock").status).toBe("warn");
});

test("network file systems are known by their numbers", () => {
  expect([0x6969, 0xff534d42, 0x0bd00bd0, 0x65735546].map(networkFileSystem)).toEqual([
    "NFS",
    "CIFS",
    "Lustre",
    "FUSE",
  ]);
  // ext4, xfs, btrfs, tmpfs, overlayfs
  expect([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630].map(networkFileSystem)).toEqual(
    Array(5).fill(null),
  );
});
