/**
 * A daemon with nothing to do: its share of a core over a while, and then how long events take from visible to callback
 * with the default fetchInterval of one second. Needs `npm run build`. Linux only.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openSandbox } from "../src/sandbox/open.ts";
import { watchPeak } from "./processes.ts";

const PLUGINS = 10;
const IDLE_S = Number(process.argv[2] ?? 30);
const EVENTS = 40;

const folder = mkdtempSync(join(tmpdir(), "callsheet-idle-"));
const sandbox = await openSandbox();
try {
  const seen = join(folder, "seen");
  prepare(seen);
  const cli = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  const child = spawn(process.execPath, [cli, "run", "--config", join(folder, "callsheet.config.json")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const usage = watchPeak(child);
  await sandbox.requests.more(3, "read", "EventLogEntry");
  await wait(3000);
  const before = usage.cpu();
  await wait(IDLE_S * 1000);
  const share = (usage.cpu() - before) / IDLE_S;
  console.log(`idle, ${PLUGINS} plugins: ${(share * 100).toFixed(2)}% of a core over ${IDLE_S} s`);
  const late = await latencies(seen);
  console.log(
    `visible to callback: median ${late[Math.floor(late.length / 2)]} ms, longest ${late.at(-1)} ms (fetchInterval 1000 ms)`,
  );
  child.kill("SIGTERM");
  await once(child, "exit");
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
}

function prepare(seen: string): void {
  mkdirSync(join(folder, "plugins"));
  const { url, scriptName, scriptKey } = sandbox;
  writeFileSync(
    join(folder, "callsheet.config.json"),
    JSON.stringify({ site: { url, scriptName, scriptKey } }),
  );
  for (let i = 0; i < PLUGINS; i += 1) {
    writeFileSync(
      join(folder, "plugins", `plugin${i}.ts`),
      `import { appendFileSync } from "node:fs";
export function registerCallbacks(reg) {
  reg.registerCallback("s", "k", (_sg, _logger, event) => {
    if (${i} === 0) appendFileSync(${JSON.stringify(seen)}, \`\${event.id} \${Date.now()}\\n\`);
  });
}`,
    );
  }
}

/** Milliseconds from visible to callback, ascending. */
async function latencies(seen: string): Promise<number[]> {
  const visibleAt = new Map<number, number>();
  for (let i = 0; i < EVENTS; i += 1) {
    await wait(300 + Math.random() * 1000);
    const { first } = sandbox.site.events.add([
      { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" },
    ]);
    visibleAt.set(first, Date.now());
  }
  const lines = () => (existsSync(seen) ? readFileSync(seen, "utf8").trim().split("\n") : []);
  while (lines().length < EVENTS) await wait(50);
  return lines()
    .map((line) => line.split(" ").map(Number))
    .map(([id, at]) => at! - visibleAt.get(id!)!)
    .sort((a, b) => a - b);
}
