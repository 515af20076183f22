import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { fitted } from "../../src/cli/help-width.ts";
import { program } from "../../src/cli/main.ts";
import { table } from "../../src/cli/table.ts";
import { callsheet, folderWith, ROOT } from "./process.ts";

// each runs a program or several, on whatever machine
vi.setConfig({ testTimeout: 300_000 });

async function outcome(args: string[], options: Parameters<typeof callsheet>[1] = {}) {
  const running = callsheet(args, options);
  const { status } = await running.ended;
  return { status, stdout: running.stdout, stderr: running.stderr };
}

test("--version is that of the package", async () => {
  expect(await outcome(["--version"])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

/** As they are told: `events tail`. */
const everyCommand = program().commands.flatMap((command) =>
  command.commands.length > 0
    ? command.commands.map((each) => [`${command.name()} ${each.name()}`, each] as const)
    : [[command.name(), command] as const],
);

test.each(everyCommand.filter(([name]) => name !== "complete"))(
  "help of %s has examples of it",
  (name, command) => {
    const parts: string[] = [];
    command.configureOutput({ writeOut: (part) => parts.push(part) }).outputHelp();
    const text = parts.join("");
    expect(text).toMatch(new RegExp(`\\nExamples[^\\n]*:\\n(?:.*\\n)*?  .*callsheet ${name}`));
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    for (const { description } of command.options) expect(description).not.toBe("");
  },
);

test("help has no colours on a pipe, and fits a terminal", async () => {
  const { status, stdout, stderr } = await outcome(["doctor", "--help"]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  const prose = fitted(stdout, 60)
    .split("\n")
    .filter((line) => /^\S/.test(line));
  expect(Math.max(...prose.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(fitted(stdout, 60).replace(/\s+/g, " ")).toBe(stdout.replace(/\s+/g, " "));
});

test("a table's last column is cut where the terminal ends, colours and all; on a pipe it is whole", () => {
  const rows = [
    ["a", "\x1b[31mone two three four\x1b[39m"],
    ["long", "five"],
  ];
  expect(table(rows, 20)).toBe("a     \x1b[31mone two three…\x1b[39m\nlong  five\n");
  expect(table(rows)).toBe("a     \x1b[31mone two three four\x1b[39m\nlong  five\n");
  // no room at all: the terminal may wrap it
  expect(table(rows, 3)).toContain("one two thr…");
});

test("exit statuses are those of the table in docs/commands.md", async () => {
  const page = readFileSync(join(ROOT, "docs/commands.md"), "utf8");
  const told = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, status]) => Number(status));
  const cwd = folderWith({ "callsheet.config.json": "{}" });
  const site = { url: "http://127.0.0.1:9", scriptName: "s", scriptKey: "a-key-of-the-test" };
  const fine = folderWith({ "callsheet.config.json": JSON.stringify({ site }) });
  const met = [
    await outcome(["status", "--help"]),
    await outcome(["retry", "--all"], { cwd: fine }),
    await outcome(["status", "--colour"]),
    await outcome(["status"], { cwd: fine }),
    await outcome(["check"], { cwd }),
  ];
  expect(met.map(({ status }) => status)).toEqual(told);
  for (const { stderr } of met) expect(stderr).not.toMatch(/^\s+at /m);
});

describe("a command line that is not understood ends with 2 and says why", () => {
  test.each([
    [["runn"], "Did you mean run?"],
    [["run", "--confg", "x"], "Did you mean --config?"],
    [["sandbox", "--port", "http"], "It must be a whole number from 0 to 65535."],
    [["demo", "--artists", "-1"], "It must be a whole number from 0 to 100."],
    [["sandbox", "--studio", "huge"], "huge"],
    [["logs", "--since", "yesterday"], "a span such as 10m, 2h or 3d"],
    [["logs", "--level", "loud"], "debug, info, warn"],
    [[], "Usage: callsheet"],
  ])("%j", async (args, reason) => {
    const { status, stdout, stderr } = await outcome(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

test("a wrong configuration ends with 78: sentence, hint and code, the stack only when asked for", async () => {
  const cwd = folderWith({ "callsheet.config.json": '{ "site": { "url": "x" } }' });
  const { status, stdout, stderr } = await outcome(["run"], { cwd });
  expect({ status, stdout }).toEqual({ status: 78, stdout: "" });
  expect(stderr.split("\n")).toEqual([
    `error: ${join(cwd, "callsheet.config.json")} has 3 problems:`,
    expect.stringMatching(/^ {2}site\.url must be /),
    expect.stringMatching(/^ {2}site\.scriptName is missing/),
    expect.stringMatching(/^ {2}site\.scriptKey is missing/),
    expect.stringMatching(/^hint: /),
    "code: CONFIG_INVALID",
    "",
  ]);
  const debugged = await outcome(["run"], { cwd, env: { CALLSHEET_DEBUG: "1" } });
  expect(debugged.stderr).toContain("at parseConfig");
});

test("a syntax error is told in three lines, without warnings of Node beside it", async () => {
  const cwd = folderWith({ "callsheet.config.js": "export default {\n  site: = 1,\n};\n" });
  const { status, stderr } = await outcome(["check"], { cwd });
  expect(status).toBe(78);
  expect(stderr).toMatch(/^error: \S+callsheet\.config\.js:2: syntax error: .+\ncode: CONFIG_UNREADABLE\n$/);
});

test("no configuration ends with 78", async () => {
  const cwd = folderWith();
  const { status, stderr } = await outcome(["check"], { cwd });
  expect(status).toBe(78);
  expect(stderr).toContain("code: CONFIG_NOT_FOUND");
  const asked = await outcome(["plugins"], { cwd });
  expect(asked).toMatchObject({
    status: 78,
    stderr: expect.stringContaining("its state folder with --state"),
  });
});

test("a .env file beside the configuration is read, and does not replace the environment", async () => {
  const config = `export default { site: { url: "http://127.0.0.1:1", scriptName: process.env.TEST_NAME, scriptKey: { env: "TEST_KEY" } }, start: process.env.TEST_START };`;
  const cwd = folderWith({
    "sub/callsheet.config.ts": config,
    "sub/.env": "TEST_KEY=k\nTEST_NAME=n\nTEST_START=from-file\n",
  });
  const { stderr } = await outcome(["run", "-c", "sub/callsheet.config.ts"], {
    cwd,
    env: { TEST_START: "from-outside" },
  });
  expect(stderr).toContain('not "from-outside"');
  expect(stderr).toContain("has a problem:");
});

describe("init", () => {
  test("writes a folder, once", async () => {
    const cwd = folderWith();
    const first = await outcome(["init", "My Studio"], { cwd });
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toContain("npx callsheet run");
    const folder = join(cwd, "My Studio");
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual([
      ".env.example",
      ".gitignore",
      "README.md",
      "callsheet.config.ts",
      "package.json",
      "plugins",
      join("plugins", "hello.ts"),
      "tsconfig.json",
    ]);
    expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).toMatchObject({
      name: "my-studio",
      dependencies: { callsheet: `^${manifest.version}` },
    });
    const second = await outcome(["init", "My Studio"], { cwd });
    expect(second.status).toBe(2);
    expect(second.stderr).toContain("nothing was written");
  });

  test("overwrites nothing in a folder that is in use, and writes nothing then", async () => {
    const cwd = folderWith({ "README.md": "mine" });
    const { status, stderr } = await outcome(["init"], { cwd });
    expect(status).toBe(2);
    expect(stderr).toContain("README.md");
    expect(readdirSync(cwd)).toEqual(["README.md"]);
    expect(readFileSync(join(cwd, "README.md"), "utf8")).toBe("mine");
  });
});

describe("bin/callsheet.js", () => {
  const program = [join(ROOT, "bin/callsheet.js")];

  test.each(["v10.24.1", "v20.20.0", "v23.11.0"])(
    "on Node %s: one sentence and status 1",
    async (version) => {
      const cwd = folderWith({
        "older.cjs": `Object.defineProperty(process, "version", { value: "${version}" });`,
      });
      const { status, stdout, stderr } = await outcome(["run"], {
        program: ["-r", join(cwd, "older.cjs"), ...program],
      });
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toMatch(
        /^error: Callsheet needs Node\.js 24 or newer, and this is v[\d.]+; .* \(NODE_TOO_OLD\)\n$/,
      );
      expect(stderr).toContain(version);
    },
  );

  test("has nothing in it that Node 10 cannot parse", () => {
    const source = readFileSync(program[0]!, "utf8");
    expect(source).not.toMatch(/\?\.|\?\?|\|\|=|&&=|\bawait\b|\bclass\b|^import\s|^export\b|\brequire\(/m);
  });
});
