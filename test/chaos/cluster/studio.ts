/** The studio of a cluster's chaos run: eight plugins of both languages on storage that all hosts share, and a configuration for each. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../../../src/sandbox/open.ts";
import { python } from "../../plugins-python/python.ts";
import type { Kept } from "../keeper.ts";
import { TASK } from "../site.ts";

const TEMPLATE = fileURLToPath(new URL("../studio", import.meta.url));

/** What is noted → the plugin that notes it, and what it wants. A plugin with two callbacks notes each. */
export const NOTED: Record<string, { plugin: string; only?: string }> = Object.fromEntries(
  ["", "-py"].flatMap((language) => [
    [`calm${language}`, { plugin: `calm${language}` }],
    [`plain${language}`, { plugin: `plain${language}` }],
    [`tasks${language}`, { plugin: `tasks${language}`, only: TASK }],
    [`pair${language}-first`, { plugin: `pair${language}` }],
    [`pair${language}-second`, { plugin: `pair${language}` }],
  ]),
);

/** As the configuration knows them. */
export const ORDERS = ["independent", "strict"] as const;

export interface Reach {
  /** Of the database, and of the site, as the host reaches them. */
  database: string;
  site: string;
}

interface Plan {
  leaseMs: number;
  order: (typeof ORDERS)[number];
  /** A late event comes no later than this, ms. */
  latestMs: number;
}

export class ClusterStudio {
  readonly folder = mkdtempSync(join(tmpdir(), "callsheet-chaos-cluster-"));
  readonly #sandbox: Sandbox;
  readonly #plan: Plan;
  /** Names of what is noted. */
  readonly noted: readonly string[] = Object.keys(NOTED);

  constructor(sandbox: Sandbox, plan: Plan) {
    this.#sandbox = sandbox;
    this.#plan = plan;
    mkdirSync(join(this.folder, "notes"));
    cpSync(TEMPLATE, this.folder, { recursive: true });
  }

  /** What a daemon of this host is started with. */
  kept(host: string, { database, site }: Reach): Kept {
    const { scriptName, scriptKey } = this.#sandbox;
    const config = join(this.folder, `${host}.config.json`);
    const state = join(this.folder, "state");
    const settings = {
      site: { url: site, scriptName, scriptKey, timeout: "3s" },
      plugins: ["./cluster"],
      order: this.#plan.order,
      state,
      start: "earliest",
      fetchInterval: "100ms",
      reloadInterval: "500ms",
      shutdownTimeout: "5s",
      gapTimeout: this.#plan.latestMs * 2,
      python: { interpreter: python },
      server: { port: 0 },
      // what is kept of a run that broke a promise tells why
      log: { dir: join(this.folder, "logs", host) },
      cluster: { url: database, lease: this.#plan.leaseMs },
    };
    writeFileSync(config, JSON.stringify(settings, null, 2));
    return {
      config,
      // each host of a cluster has a folder of its own in it
      state: join(state, host),
      env: { ...process.env, CHAOS_STUDIO: this.folder, CALLSHEET_HOST: host },
      repair: () => ({ status: 1, printed: "a cluster is repaired by its people" }),
    };
  }

  /** What is noted first and last by each plugin, in strict order. */
  inOrder(): { plugin: string; first: string; last: string }[] {
    const files = readdirSync(join(this.folder, "cluster")).filter((name) => /^[^_.].*\.(py|ts)$/.test(name));
    return files
      .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map((file) => parse(file).name)
      .map((plugin) => {
        const noted = this.noted.filter((name) => NOTED[name]!.plugin === plugin);
        return { plugin, first: noted[0]!, last: noted.at(-1)! };
      });
  }

  notes(name: string): string {
    const file = join(this.folder, "notes", name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
