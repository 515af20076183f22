/** Shell completion: what may come next, and real shells that ask for it. */
import { execFile, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { type Answer, candidatesFor } from "../../src/cli/completion/candidates.ts";
import { SCRIPTS, SHELLS } from "../../src/cli/completion/scripts.ts";
import { program } from "../../src/cli/main.ts";
import { recorder } from "../daemon/whole.ts";
import { withoutPython } from "../plugins-python/python.ts";
import { servedDaemon } from "../server/rig.ts";
import { folderWith, ROOT } from "./process.ts";
import { said } from "./said.ts";
import { onTerminal } from "./terminal.ts";

vi.setConfig({ testTimeout: 300_000 });

let seen: object = {};

/** The words as a shell hands them over: the last one is being typed. */
async function after(line: string): Promise<Answer & { values: string[] }> {
  const answer = await candidatesFor(program(), line.split(" ").slice(1), async (options) => {
    seen = options;
    return ["notify", "nightly", "usd"];
  });
  return { ...answer, values: answer.candidates.map(({ value }) => value) };
}

test.each([
  ["callsheet sta", ["start", "status"]],
  ["callsheet events ", ["tail", "show", "help"]],
  ["callsheet events t", ["tail"]],
  ["callsheet help sta", ["start", "status"]],
  ["callsheet status --wa", ["--watch"]],
  ["callsheet events tail --l", ["--lines"]],
  ["callsheet logs n", ["notify", "nightly"]],
  ["callsheet logs -f n", ["notify", "nightly"]],
  ["callsheet logs -n 5 u", ["usd"]],
  ["callsheet logs notify ", []],
  ["callsheet retry notify n", ["nightly"]],
  ["callsheet retry --reason because ", ["notify", "nightly", "usd"]],
  ["callsheet plugin -- n", ["notify", "nightly"]],
  ["callsheet logs --level w", ["warn"]],
  ["callsheet logs --level=w", ["warn"]],
  ["callsheet sandbox --studio ", ["none", "small", "feature-film"]],
  ["callsheet completion ", SHELLS],
  ["callsheet skip notify --reason ", []],
  ["callsheet nosuch ", []],
])("%s", async (line, values) => {
  expect(await after(line)).toMatchObject({ values, files: false });
});

test.each(["callsheet run --config ", "callsheet status -s x", "callsheet init ", "callsheet import /etc/x"])(
  "a path is wanted: %s",
  async (line) => {
    expect(await after(line)).toMatchObject({ values: [], files: true });
  },
);

test("plugin names are asked of the daemon that the line is about; a value after = keeps what is before it", async () => {
  await after("callsheet retry --config a.ts --state=/var/s n");
  expect(seen).toEqual({ config: "a.ts", state: "/var/s" });
  expect((await after("callsheet logs --level=w")).prefix).toBe("--level=");
});

test("every command, option and argument of the line can be completed", async () => {
  for (const command of program().commands) {
    if (command.name() === "complete") continue;
    expect((await after(`callsheet ${command.name()}`)).values).toContain(command.name());
    const flags = (await after(`callsheet ${command.name()} -`)).values;
    for (const { long, hidden } of command.options) if (!hidden) expect(flags).toContain(long);
  }
});

function isThere(shell: string): boolean {
  const found = spawnSync(shell, ["--version"]).status === 0;
  if (!found) console.warn(`No ${shell} is found: its completion is SKIPPED.`);
  return found;
}
const there = Object.fromEntries(SHELLS.map((shell) => [shell, isThere(shell)])) as Record<string, boolean>;

/** A folder where a daemon is at home, and a PATH with callsheet in it. */
async function studioWithPath() {
  const { config } = await servedDaemon({ "notify.ts": recorder("notify"), "usd.ts": recorder("usd") });
  const bin = folderWith({ "one file": "" });
  const main = join(ROOT, "src/cli/main.ts");
  writeFileSync(join(bin, "callsheet"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  chmodSync(join(bin, "callsheet"), 0o755);
  const home = folderWith();
  mkdirSync(join(home, "configs"));
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: home, XDG_CONFIG_HOME: home };
  return { cwd: dirname(config.file), env };
}

test.skipIf(!there.bash || withoutPython)(
  "bash completes a plugin's name, a value after = and a path",
  async () => {
    const { cwd, env } = await studioWithPath();
    const bash = onTerminal(["bash", "--norc", "--noprofile", "-i"], {
      cwd,
      env: { ...env, PS1: "$ ", TERM: "dumb" },
    });
    bash.type("source <(callsheet completion bash); source <(callsheet completion bash); echo rea''dy\n");
    await bash.says(/^ready/m);
    bash.type("callsheet retry no\t");
    await bash.says(/callsheet retry notify $/m);
    bash.type("--reason '$(touch evil)' u\t");
    await bash.says(/ usd $/m);
    bash.type("\x15callsheet logs --level=w\t");
    await bash.says(/--level=warn $/m);
    bash.type("\x15callsheet run --config callsheet.con\t");
    await bash.says(/--config callsheet\.config\.json $/m);
    bash.type("\x15exit\n");
    expect((await bash.ended).status).toBe(0);
    expect(spawnSync("test", ["-e", join(cwd, "evil")]).status).toBe(1);
  },
);

test.skipIf(!there.zsh || withoutPython)("zsh does too", async () => {
  const { cwd, env } = await studioWithPath();
  const zsh = onTerminal(["zsh", "-f", "-i"], { cwd, env: { ...env, PS1: "$ ", TERM: "dumb" } });
  zsh.type("autoload -U compinit; compinit -u; source <(callsheet completion zsh); echo rea''dy\n");
  await zsh.says(/^ready/m);
  zsh.type("callsheet retry no\t");
  await zsh.says(/callsheet retry no\S*tify/m);
  zsh.type("\x15callsheet logs --level=w\t");
  await zsh.says(/--level=w\S*arn/m);
  zsh.type("\x15callsheet run --config callsheet.con\t");
  await zsh.says(/--config callsheet\.con\S*fig\.json/m);
  zsh.type("\x15exit\n");
  await zsh.ended;
});

test.skipIf(!there.fish)("fish does too", async () => {
  const { cwd, env } = await studioWithPath();
  const ask = async (line: string) => {
    const script = `callsheet completion fish | source; complete -C "${line}"`;
    const options = { cwd, encoding: "utf8", env: { ...process.env, ...env } } as const;
    return (await promisify(execFile)("fish", ["-N", "-c", script], options)).stdout;
  };
  expect(await ask("callsheet pau")).toMatch(/^pause\tend a plugin's host/);
  expect(await ask("callsheet retry no")).toBe("notify\n");
  expect(await ask("callsheet logs --level=w")).toBe("--level=warn\n");
  expect(await ask("callsheet run --config callsheet.con")).toContain("callsheet.config.json");
});

test("the scripts are what the command prints, and shells can read them", async () => {
  for (const shell of SHELLS) {
    expect(await said("completion", shell)).toMatchObject({ status: 0, stdout: SCRIPTS[shell] });
    if (!there[shell]) continue;
    const file = join(folderWith({ script: SCRIPTS[shell] }), "script");
    const checked = spawnSync(shell, ["-n", file], { encoding: "utf8" });
    expect(checked).toMatchObject({ status: 0, stderr: "" });
  }
});
