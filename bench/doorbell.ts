/**
 * How long an event takes from visible on the site to a callback, with a webhook as the doorbell and without: a daemon that asks every ten
 * seconds, and one that asks every second. One change at a time, at odd moments. Needs `npm run build`.
 *
 *     node bench/doorbell.ts [EVENTS]
 *
 * With the doorbell under 100 ms at p95.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openSandbox, type Sandbox } from "../src/sandbox/open.ts";

const EVENTS = Number(process.argv[2] ?? 100);
/** Of the first, in which site and daemon load what they have not needed before, only the longest is told. */
const WARM_UP = 10;
const SECRET = "a-secret-of-the-webhook";
const CLI = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

const PLUGIN = `import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", (_sg, _logger, event) => {
    appendFileSync(process.env.SEEN!, \`\${event.id} \${performance.timeOrigin + performance.now()}\\n\`);
  });
}`;

await measure("with the doorbell, fetchInterval 10 s", { fetchInterval: "10s", rings: true });
await measure("without, fetchInterval 1 s", { fetchInterval: "1s", rings: false });

async function measure(what: string, { fetchInterval, rings }: { fetchInterval: string; rings: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-doorbell-"));
  const sandbox = await openSandbox();
  const seen = join(folder, "seen");
  mkdirSync(join(folder, "plugins"));
  writeFileSync(join(folder, "plugins/seen.ts"), PLUGIN);
  const { url, scriptName, scriptKey } = sandbox;
  const config = {
    site: { url, scriptName, scriptKey },
    fetchInterval,
    server: { port: 0, webhookSecret: SECRET },
  };
  writeFileSync(join(folder, "callsheet.config.json"), JSON.stringify(config));
  const args = [CLI, "run", "--config", join(folder, "callsheet.config.json")];
  const daemon = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, SEEN: seen },
  });
  try {
    let log = "";
    daemon.stdout.on("data", (text: Buffer) => {
      log += text;
    });
    while (!/first start/.test(log) || !/loaded seen/.test(log)) await wait(20);
    const address = /"url":"(http:[^"]+)"/.exec(log)![1]!;
    if (rings) sandbox.webhooks.register({ url: `${address}/webhooks/fpt`, secret: SECRET });
    const { first, late } = await latencies(sandbox, seen);
    const at = (share: number) =>
      `${late[Math.min(late.length - 1, Math.floor(share * late.length))]!.toFixed(0)} ms`;
    const warming = `the first ${WARM_UP} at most ${Math.max(...first).toFixed(0)} ms`;
    console.log(
      `${what.padEnd(38)} p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}; ${EVENTS} events, ${warming}`,
    );
  } finally {
    daemon.kill("SIGTERM");
    await once(daemon, "exit");
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds; `late` ascending. */
async function latencies(sandbox: Sandbox, seen: string): Promise<{ first: number[]; late: number[] }> {
  const { scriptName: script_name, scriptKey: script_key } = sandbox;
  const fields = [{ field_name: "name", value: "Film" }];
  const call = (method: string, payload: object) =>
    sandbox.site.call(method, [{ script_name, script_key }, payload]);
  const { id } = call("create", { type: "Project", fields, return_fields: ["id"] }) as { id: number };
  const visibleAt = new Map<number, number>();
  for (let i = 0; i < EVENTS + WARM_UP; i += 1) {
    await wait(50 + Math.random() * 200);
    call("update", { type: "Project", id, fields: [{ field_name: "sg_description", value: `take ${i}` }] });
    visibleAt.set(sandbox.site.events.newestId, performance.timeOrigin + performance.now());
  }
  const late = new Map<number, number>();
  while (late.size < EVENTS + WARM_UP) {
    await wait(50);
    for (const line of existsSync(seen) ? readFileSync(seen, "utf8").trim().split("\n") : []) {
      const [event, at] = line.split(" ").map(Number) as [number, number];
      if (visibleAt.has(event)) late.set(event, at - visibleAt.get(event)!);
    }
  }
  const inOrder = [...visibleAt.keys()].map((event) => late.get(event)!);
  return { first: inOrder.slice(0, WARM_UP), late: inOrder.slice(WARM_UP).sort((a, b) => a - b) };
}
