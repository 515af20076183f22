import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cycleIn, ROOT, reachable, type Source, sources } from "./sources.ts";

const all = sources();

/** `daemon`, or `root` for the files directly in `src`. */
function roomOf(path: string): string {
  const [, room = "", ...rest] = path.split("/");
  return rest.length > 0 ? room : "root";
}

/** Room → rooms whose code it may load. The vocabulary in the root is for everybody. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  root: [],
  client: [],
  log: [],
  // a message shows no secret either
  alerts: ["log"],
  journal: [],
  "old-daemon": [],
  plugins: ["client"],
  sandbox: ["client"],
  daemon: [],
  // It shows and steers a daemon, and knows what a daemon is; but not how one keeps or runs anything.
  server: ["daemon"],
  cli: ["alerts", "client", "daemon", "journal", "log", "old-daemon", "plugins", "sandbox", "server"],
};

/** Files that may do more than their room, and why. */
const EXCEPTIONS: Record<string, readonly string[]> = {
  // The wiring, and its dry run.
  "src/daemon/start.ts": ["old-daemon", "plugins", "server"],
  "src/daemon/site-access.ts": ["client"],
  "src/daemon/open-hosts.ts": ["plugins"],
  "src/daemon/check.ts": ["client"],
  "src/daemon/check-scripts.ts": ["client"],
  "src/daemon/load-plugins.ts": ["plugins"],
  "src/daemon/open-alarms.ts": ["alerts"],
  "src/daemon/open-state.ts": ["journal"],
  "src/daemon/check-cluster.ts": ["journal"],
  "src/daemon/check-alerts.ts": ["alerts"],
  "src/daemon/check-state.ts": ["journal"],
  // Taking over from the Python daemon: it asks the site, loads the plugins, and writes into the journal.
  "src/old-daemon/import.ts": ["client", "daemon", "journal"],
  "src/old-daemon/report.ts": ["daemon"],
  // A configuration may say `import … from "callsheet"`, as plugins do; or be one of the Python daemon.
  "src/config-source.ts": ["plugins", "old-daemon"],
};

/** Single files that every room may load: they belong to the interface between rooms. */
const SHARED = new Set(["src/journal/slot.ts"]);

test("the rooms are the ones that DESIGN names", () => {
  expect([...new Set(all.map(({ path }) => roomOf(path)))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

test("a room loads only what the arrows allow", () => {
  const wrong = all.flatMap(({ path, imports }) => {
    const allowed = [roomOf(path), "root", ...MAY_IMPORT[roomOf(path)]!, ...(EXCEPTIONS[path] ?? [])];
    return imports
      .filter((name) => name.startsWith("src/") && !SHARED.has(name) && !allowed.includes(roomOf(name)))
      .map((name) => `${path} → ${name}`);
  });
  expect(wrong).toEqual([]);
});

test("no exception is there that nobody needs", () => {
  for (const [path, rooms] of Object.entries(EXCEPTIONS)) {
    const used = all
      .find((source) => source.path === path)
      ?.imports.filter((name) => name.startsWith("src/"))
      .map(roomOf);
    expect(used, path).toEqual(expect.arrayContaining([...rooms].slice(0, 1)));
  }
});

test("every relative import leads to a file", () => {
  const lost = all.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith("src/") && !existsSync(join(ROOT, name)))
      .map((name) => `${path} → ${name}`),
  );
  expect(lost).toEqual([]);
});

test("nothing imports a door", () => {
  const doors = all.flatMap(({ path, imports }) =>
    imports.filter((name) => /^src\/(.*\/)?(index|mod)\.ts$/.test(name)).map((name) => `${path} → ${name}`),
  );
  expect(doors).toEqual([]);
});

test("there is no cycle", () => {
  expect(cycleIn(all)).toBeNull();
});

describe("what is loaded in a plugin's thread", () => {
  const entries = all
    .map(({ path }) => path)
    .filter((path) => /^src\/plugins\/(guest\/|thread\/boot\.ts$)/.test(path));
  const loaded = reachable(entries, all);

  test("is found at all", () => {
    expect(entries).toContain("src/plugins/thread/boot.ts");
    expect(loaded.size).toBeGreaterThan(5);
  });

  test.each(["node:sqlite", "undici", "pino", "pino-roll", "zod", "commander"])("is not %s", (name) => {
    expect(loaded.get(name)?.join(" → ")).toBeUndefined();
  });

  test.each(["daemon", "sandbox", "log", "cli", "server"])("is nothing of src/%s", (room) => {
    const found = [...loaded]
      .filter(([path]) => path.startsWith(`src/${room}/`))
      .map(([, way]) => way.join(" → "));
    expect(found).toEqual([]);
  });

  test("is of the journal only the slot", () => {
    expect([...loaded.keys()].filter((path) => path.startsWith("src/journal/"))).toEqual([
      "src/journal/slot.ts",
    ]);
  });
});

test("only packages that package.json names are imported", async () => {
  const { default: manifest } = await import("../../package.json", { with: { type: "json" } });
  const named = new Set(all.flatMap(({ imports }) => imports.filter((name) => !/^(src\/|node:)/.test(name))));
  expect([...named].filter((name) => !(name in manifest.dependencies))).toEqual([]);
  expect(Object.keys(manifest.dependencies).filter((name) => !named.has(name))).toEqual([]);
});

test("the test sees what it looks for", () => {
  const made = (path: string, ...imports: string[]): Source => ({ path, text: "", imports });
  expect(cycleIn([made("a", "b"), made("b", "c"), made("c", "b")])).toEqual(["b", "c", "b"]);
  expect(cycleIn([made("a", "b", "c"), made("b", "c"), made("c")])).toBeNull();
  expect(reachable(["a"], [made("a", "b"), made("b", "zod")]).get("zod")).toEqual(["a", "b", "zod"]);
});

test("files are short enough to read in one go", () => {
  const long = [...all, ...sources("bin/*.js"), ...sources("scripts/*.ts"), ...sources("examples/**/*.ts")]
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});

test("nothing is erasable only with a compiler", () => {
  // stripTypeScriptTypes throws on enums, namespaces and parameter properties; reading the sources was the test.
  expect(all.length).toBeGreaterThan(50);
});
