/** A cluster for tests: daemons in processes of their own, one PostgreSQL, one site, plugins that write down what they get. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { CLI, DaemonProcess } from "../chaos/process.ts";
import { clusterConfig } from "./common.ts";

export interface Note {
  id: number;
  redelivered: boolean;
  host: string;
}

export interface Verdict {
  delivered: number;
  lost: number[];
  repeats: number;
  /** Repeats that did not say so. */
  unmarked: number[];
  /** Ids that came before a smaller one, repeats left out. */
  disorder: number;
}

/** Notes when a callback has ended, as a person who looks at what it did would. */
function typescript(name: string): string {
  return `import { appendFileSync } from "node:fs";
import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback(process.env.SCRIPT_NAME!, process.env.SCRIPT_KEY!, function note(_sg, _logger, event) {
    appendFileSync(\`\${process.env.NOTES}/${name}\`, \`\${event.id} \${event.redelivered} \${process.env.CALLSHEET_HOST}\\n\`);
  });
}
`;
}

/** Its events are dicts that do not say whether they come again; the log does. */
function python(name: string): string {
  return `import logging, os, time

again = set()


class Again(logging.Handler):
    def emit(self, record):
        if "comes again" in record.msg:
            again.add(record.args[0])


logging.getLogger("plugin.${name}").addHandler(Again())


def registerCallbacks(reg):
    reg.registerCallback(os.environ["SCRIPT_NAME"], os.environ["SCRIPT_KEY"], note)


def note(sg, logger, event, args):
    time.sleep(0.003)
    mark = "true" if event["id"] in again else "false"
    with open(os.environ["NOTES"] + "/${name}", "a") as notes:
        notes.write("%d %s %s\\n" % (event["id"], mark, os.environ["CALLSHEET_HOST"]))
`;
}

export class ClusterStudio {
  readonly folder = mkdtempSync(join(tmpdir(), "callsheet-cluster-"));
  readonly config = join(this.folder, "callsheet.config.json");
  readonly plugins: string[] = [];
  readonly daemons = new Map<string, DaemonProcess>();
  readonly env: NodeJS.ProcessEnv;

  /** @param more of the configuration */
  constructor(sandbox: Sandbox, cluster: object, more: object = {}) {
    for (const name of ["plugins", "notes"]) mkdirSync(join(this.folder, name));
    const { scriptName, scriptKey } = sandbox;
    const config = clusterConfig(sandbox, cluster, { start: "earliest", ...more });
    writeFileSync(this.config, JSON.stringify(config));
    this.env = {
      ...process.env,
      NOTES: join(this.folder, "notes"),
      SCRIPT_NAME: scriptName,
      SCRIPT_KEY: scriptKey,
    };
  }

  add(name: string): void {
    if (name.startsWith("py")) this.addFile(name, "py", python(name));
    else this.addFile(name, "ts", typescript(name));
  }

  addFile(name: string, ending: string, source: string): void {
    writeFileSync(join(this.folder, "plugins", `${name}.${ending}`), source);
    writeFileSync(join(this.folder, "notes", name), "");
    this.plugins.push(name);
  }

  /** @param env more of its environment. @param cli of another version */
  start(host: string, env: NodeJS.ProcessEnv = {}, cli?: string): DaemonProcess {
    const daemon = new DaemonProcess(this.config, { ...this.env, CALLSHEET_HOST: host, ...env }, cli);
    this.daemons.set(host, daemon);
    return daemon;
  }

  /** What a command prints that is given on a host. */
  async callsheet(host: string, ...args: string[]): Promise<string> {
    const state = join(this.folder, "state", host);
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args, "--state", state]);
    return stdout;
  }

  /** What a plugin wrote down, whole lines only. */
  notes(name: string): Note[] {
    const lines = readFileSync(join(this.folder, "notes", name), "utf8")
      .split("\n")
      .slice(0, -1);
    return lines.map((line) => {
      const [id, redelivered, host] = line.split(" ");
      return { id: Number(id), redelivered: redelivered === "true", host: host! };
    });
  }

  /** Which host noted last, by plugin. */
  owners(): Record<string, string | undefined> {
    return Object.fromEntries(this.plugins.map((name) => [name, this.notes(name).at(-1)?.host]));
  }

  judge(name: string, visible: readonly number[]): Verdict {
    const notes = this.notes(name);
    const seen = new Set<number>();
    const unmarked: number[] = [];
    let disorder = 0;
    let highest = 0;
    for (const { id, redelivered } of notes) {
      if (seen.has(id) && !redelivered) unmarked.push(id);
      if (!seen.has(id) && id < highest) disorder += 1;
      seen.add(id);
      highest = Math.max(highest, id);
    }
    return {
      delivered: seen.size,
      lost: visible.filter((id) => !seen.has(id)),
      repeats: notes.length - seen.size,
      unmarked,
      disorder,
    };
  }

  /** What all daemons printed, for a test that failed. */
  words(): string {
    return [...this.daemons].map(([host, { words }]) => `── ${host}\n${words}`).join("\n");
  }

  async end(): Promise<void> {
    await Promise.all([...this.daemons.values()].map((daemon) => (daemon.running ? daemon.kill() : null)));
    this.#remove();
  }

  /** For a process that is about to end: kills them, and leaves nothing behind. */
  kill(): void {
    for (const { child } of this.daemons.values()) child.kill("SIGKILL");
    this.#remove();
  }

  #remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
