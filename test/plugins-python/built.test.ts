import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { withoutPython } from "./python.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");

/** Loads a Python plugin with the built files and tells what it logged. */
const PROGRAM = `
import { writeFileSync } from "node:fs";
import { openPythonHosts } from "./dist/plugins/python/hosts.js";
const [path, slot] = process.argv.slice(2);
writeFileSync(slot, "");
const hosts = openPythonHosts({
  pythonOf: () => ({ interpreter: "python3", path: [], group: "plugin", cwd: null, umask: null }), site: { url: "https://studio.example", timeoutMs: 1000, httpProxy: null, caCerts: null },
  transport: { send: () => Promise.reject(new Error("no")), close: async () => {} },
  memoryLimitBytes: 512e6, loadTimeoutMs: 60_000, loadAgainAfterMs: null, siteIsAway: async () => false, useSessionUuid: true, logLevel: "info",
});
const done = Promise.withResolvers();
const host = await hosts.start({
  plugin: { path, name: "a", language: "python", folder: 0 }, slot: { file: slot, epoch: 1 },
  listener: { log: (line) => console.log(line.message), progress: () => done.resolve(), failed: async () => "stop", exited: (exit) => done.reject(exit) },
  signal: new AbortController().signal,
});
const text = Buffer.from(JSON.stringify({ id: 7, session_uuid: null, created_at: "2026-11-01T08:00:00Z" }));
host.hand({ items: [{ seq: 1, start: 0, end: text.length, callbacks: [0], redelivered: false }], bytes: text });
await done.promise;
await host.stop();
await hosts.close();
`;

test.skipIf(withoutPython)(
  "the build ships the guest, and it runs from there",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "callsheet-built-python-"));
    try {
      for (const part of ["src", "scripts", "package.json", "tsconfig.json", "tsconfig.build.json"])
        cpSync(join(root, part), join(folder, part), { recursive: true });
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
      await run(process.execPath, ["scripts/prepare-dist.ts"], { cwd: folder });
      // Written even when another part of the program has a type error, which is another test's business.
      await run(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.build.json"], { cwd: folder }).catch(
        () => {},
      );
      writeFileSync(join(folder, "program.js"), PROGRAM);
      writeFileSync(
        join(folder, "a.py"),
        `def on(sg, logger, event, args): logger.info("%d %s", event["id"], sg.base_url)
def registerCallbacks(reg): reg.registerCallback("s", "k", on)
`,
      );
      const { stdout, stderr } = await run(
        process.execPath,
        ["program.js", join(folder, "a.py"), join(folder, "slot")],
        { cwd: folder },
      );
      expect(stderr).toBe("");
      expect(stdout).toBe("7 https://studio.example\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
