/** A real PgBouncer before a real PostgreSQL, where one is installed; tests that need it are skipped elsewhere, and say so. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { onTestFinished } from "vitest";
import { freePort, unprivileged } from "./server.ts";

export const withoutPgBouncer = !isThere();
if (withoutPgBouncer) console.warn("No pgbouncer is found: the tests with a pooler are SKIPPED.");

/** Before the server at `url`, until the test is over. @returns the address through it */
export async function pgBouncer(url: string, mode: "session" | "transaction"): Promise<string> {
  const { hostname, port: target, username, password } = new URL(url);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "callsheet-pgbouncer-"));
  const users = join(folder, "users.txt");
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(users, `"${username}" "${password}"\n`);
  writeFileSync(
    settings,
    `[databases]
* = host=${hostname} port=${target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = ${mode}
`,
  );
  // it refuses to run as root
  for (const path of [folder, users, settings]) chmodSync(path, 0o755);
  const process = spawn("pgbouncer", ["-q", settings], { ...unprivileged(), stdio: "ignore" });
  onTestFinished(async () => {
    process.kill("SIGKILL");
    await once(process, "close");
    rmSync(folder, { recursive: true, force: true });
  });
  const through = url.replace(`:${target}/`, `:${port}/`);
  for (;;) {
    const client = new pg.Client({ connectionString: through });
    try {
      await client.connect();
      await client.end();
      return through;
    } catch (error) {
      if (process.exitCode !== null) throw error;
      await wait(50);
    }
  }
}

function isThere(): boolean {
  try {
    execFileSync("pgbouncer", ["--version"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}
