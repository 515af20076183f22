/**
 * What a stranger does with the package: pack it, install the tarball into an empty folder, make a studio, check it
 * against a sandbox, run it until an event arrives. Needs the npm registry; takes about a minute.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const GIVE_UP_MS = 4 * 60_000;

const folder = realpathSync(mkdtempSync(join(tmpdir(), "callsheet-smoke-")));
const installed = join(folder, "installed");
const studio = join(installed, "my-studio");
const children = new Set<ChildProcess>();
/** As if this repository were not there: no PATH, no npm settings of ours. */
const plainPath = (process.env.PATH ?? "").split(delimiter).filter((dir) => !dir.includes("node_modules"));
const outside = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
const env = { ...outside, PATH: [join(installed, "node_modules/.bin"), ...plainPath].join(delimiter) };

const watchdog = setTimeout(() => fail(`not done after ${GIVE_UP_MS / 1000} s`), GIVE_UP_MS);
try {
  await smoke();
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
} finally {
  cleanUp();
  clearTimeout(watchdog);
}

async function smoke(): Promise<void> {
  step("pack");
  run("npm", ["pack", "--silent", "--pack-destination", folder], ROOT, process.env);
  const { version } = JSON.parse(run("npm", ["pkg", "get", "name", "version"], ROOT, process.env)) as {
    version: string;
  };
  const tarball = join(folder, `callsheet-${version}.tgz`);

  step("install into an empty folder");
  execFileSync("mkdir", [installed]);
  run("npm", ["install", "--no-audit", "--no-fund", tarball, "node@24"], installed);
  expect(run("npx", ["callsheet", "--version"], installed).trim() === version, "callsheet --version");

  step("init, install, type check");
  run("npx", ["callsheet", "init", "my-studio"], installed);
  run("npm", ["pkg", "set", `dependencies.callsheet=file:${tarball}`], studio);
  run("npm", ["install", "--no-audit", "--no-fund"], studio);
  run("npx", ["tsc", "--noEmit"], studio);

  step("check and run against a sandbox");
  const sandbox = start(["sandbox", "--port", "0", "--json", "--studio", "small", "--artists", "3"], {});
  const site = JSON.parse((await says(sandbox, /^\{.*\}$/m))[0]) as Record<
    "url" | "script_name" | "script_key",
    string
  >;
  const access = { SITE_URL: site.url, SCRIPT_NAME: site.script_name, SCRIPT_KEY: site.script_key };
  const table = run(join(studio, "node_modules/.bin/callsheet"), ["check"], studio, { ...env, ...access });
  expect(/^ok +plugin hello +onTaskStatus/m.test(table), `the table of check:\n${table}`);
  const daemon = start(["run"], access);
  await says(daemon, /hello: task .+ is now \w+/);
  await endsWell(daemon, "SIGTERM");
  await endsWell(sandbox, "SIGINT");

  step("demo");
  const demo = start(["demo"], {});
  await says(demo, /── \d+ events read, [1-9]\d* delivered/);
  await endsWell(demo, "SIGINT");

  step("an older Node.js is told so in one sentence");
  await onOlderNode();
  console.log("smoke: fine");
}

function onOlderNode(): void {
  const older = plainPath.map((dir) => join(dir, "node")).find((path) => existsSync(path));
  const found = older ? execFileSync(older, ["--version"], { encoding: "utf8" }).trim() : "none";
  if (!older || Number(/^v(\d+)/.exec(found)?.[1]) >= 24) {
    console.log(`  left out: the Node.js outside is ${found}`);
    return;
  }
  const { status, stderr } = spawnSync(
    older,
    [join(installed, "node_modules/callsheet/bin/callsheet.js"), "run"],
    { encoding: "utf8" },
  );
  expect(status === 1 && /^error: .*\(NODE_TOO_OLD\)\n$/.test(stderr), `on ${found}: ${status} ${stderr}`);
}

function run(command: string, args: string[], cwd: string, environment: NodeJS.ProcessEnv = env): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: environment,
    encoding: "utf8",
  });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(" ")} ended with ${status ?? error?.message}:\n${stdout}${stderr}`);
}

type Started = ChildProcess & { said?: string };

function start(args: string[], more: NodeJS.ProcessEnv): Started {
  const child: Started = spawn(join(studio, "node_modules/.bin/callsheet"), args, {
    cwd: studio,
    env: { ...env, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      child.said += text;
      child.emit("said");
    });
  }
  child.once("close", () => child.emit("said"));
  return child;
}

async function says(child: Started, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = pattern.exec(child.said ?? "");
    if (found) return found;
    if (child.exitCode !== null) throw new Error(`it ended without saying ${pattern}:\n${child.said}`);
    await once(child, "said");
  }
}

async function endsWell(child: Started, signal: NodeJS.Signals): Promise<void> {
  const closed = once(child, "close");
  child.kill(signal);
  const [status] = await closed;
  expect(
    status === 0,
    `${child.spawnargs.slice(1).join(" ")} ended with ${status} on ${signal}:\n${child.said}`,
  );
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not as expected: ${what}`);
}

function step(name: string): void {
  console.log(`smoke: ${name}`);
}

function cleanUp(): void {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

function fail(message: string): never {
  cleanUp();
  console.error(`smoke: FAILED: ${message}`);
  process.exit(1);
}
