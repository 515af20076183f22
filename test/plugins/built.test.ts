import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** Loads a plugin with the built files and tells what it logged. */
const PROGRAM = `
import { openThreadHosts } from "./dist/plugins/thread/hosts.js";
import { writeFileSync } from "node:fs";
const [path, slot] = process.argv.slice(2);
writeFileSync(slot, "");
const hosts = openThreadHosts({
  siteUrl: "https://studio.example", transport: { send: () => Promise.reject(new Error("no")), close: async () => {} },
  siteTimeoutMs: 1000, memoryLimitBytes: 512e6, loadTimeoutMs: 60_000, useSessionUuid: true, logLevel: "info",
});
const done = Promise.withResolvers();
const host = await hosts.start({
  plugin: { path, name: "a", language: "typescript", folder: 0 }, slot: { file: slot, epoch: 1 },
  listener: { log: (line) => console.log(line.message), progress: () => done.resolve(), failed: async () => "stop", exited: (exit) => done.reject(exit) },
  signal: new AbortController().signal,
});
const text = Buffer.from(JSON.stringify({ id: 7, created_at: "2026-11-01T08:00:00Z" }));
host.hand({ items: [{ seq: 1, start: 0, end: text.length, callbacks: [0], redelivered: false }], bytes: text });
await done.promise;
await host.stop();
await hosts.close();
`;

test("built to JavaScript, hosts work the same", { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "callsheet-built-"));
  try {
    const tsc = join(root, "node_modules/.bin/tsc");
    // Written even when another part of the program has a type error, which is another test's business.
    await run(tsc, ["-p", "tsconfig.build.json", "--outDir", join(folder, "dist")], { cwd: root }).catch(
      () => {},
    );
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "program.js"), PROGRAM);
    await writeFile(
      join(folder, "a.ts"),
      `import { SkipEvent, type Registrar } from "callsheet";
      export function registerCallbacks(reg: Registrar) { reg.registerCallback("s", "k", onEvent); }
      function onEvent(sg: { url: string }, logger: any, event: any) {
        logger.info("%d %s %s", event.id, sg.url, SkipEvent.name);
      }`,
    );
    const { stdout, stderr } = await run(
      process.execPath,
      ["program.js", join(folder, "a.ts"), join(folder, "slot")],
      {
        cwd: folder,
      },
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")[0]).toBe("7 https://studio.example SkipEvent");
  } finally {
    await rm(folder, { recursive: true });
  }
});
