/** The cluster of the demo: what runs, what is killed, and how things stand. */
import { join } from "node:path";
import { openControl } from "../../src/cli/control/control.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import type { Ended } from "../../test/chaos/process.ts";
import { ClusterStudio } from "../../test/cluster/studio.ts";
import { startPostgres } from "../../test/journal/postgres/server.ts";
import { python } from "../../test/plugins-python/python.ts";

export const HOSTS = ["ada", "bob", "cyd"];
export const LEASE_S = 3;
const TYPESCRIPT = ["assets", "editorial", "review", "shots", "versions"];
const PYTHON = ["py-dailies", "py-notes", "py-publish"];
const EVENT_EVERY_MS = 100;
const KINDS = ["Shotgun_Task_Change", "Shotgun_Shot_Change", "Shotgun_Version_New"];

export interface HostView {
  name: string;
  alive: boolean;
  /** How it ended when nobody killed it; null: it runs, or was killed. */
  byItself: Ended | null;
  /** How many plugins it runs, and whether it reads the site. */
  plugins: number;
  reads: boolean;
}

export interface PluginView {
  name: string;
  /** Who runs it; null: nobody at the moment. */
  host: string | null;
  delivered: number;
  /** Events of the site that it has not had. */
  waiting: number;
  /** Events before its newest that it has not had. */
  lost: number;
  /** Events that came after a later one, those left out that came again. */
  disorder: number;
  repeats: number;
  repeatsUnmarked: number;
}

export interface View {
  seconds: number;
  events: number;
  hosts: HostView[];
  plugins: PluginView[];
}

/** Sums over all plugins, in the end. */
export interface Verdict {
  view: View;
  lost: number;
  /** Events that nobody was there to run, which is no loss. */
  waiting: number;
  disorder: number;
  repeats: number;
  unmarked: number;
}

/** @param settled there was time, and a daemon, for all events: what a plugin has not had by now is lost */
export function verdictOf(view: View, settled: boolean): Verdict {
  const sum = (of: (plugin: PluginView) => number) => view.plugins.reduce((all, one) => all + of(one), 0);
  const missing = sum(({ waiting }) => waiting);
  const lost = settled ? missing : sum((plugin) => plugin.lost);
  return {
    view,
    lost,
    waiting: missing - lost,
    disorder: sum(({ disorder }) => disorder),
    repeats: sum(({ repeats }) => repeats),
    unmarked: sum(({ repeatsUnmarked }) => repeatsUnmarked),
  };
}

/** What `/status` tells, as far as it is needed. */
interface Status {
  cluster: {
    reader: string | null;
    hosts: { name: string }[];
    plugins: { path: string; host: string | null }[];
  };
}

export interface Scene extends AsyncDisposable {
  database: string;
  site: string;
  /** Kills a daemon with -9, or starts it again. */
  toggle(host: string): void;
  /** No more events come. */
  quiet(): void;
  view(): Promise<View>;
}

/**
 * @param stop gives up; what it throws then is no trouble
 * @param remains gets what ends everything at once, and leaves nothing behind: for a process that has no time to close the scene
 * @throws Error when PostgreSQL does not start
 */
export async function openScene(stop: AbortSignal, remains: DisposableStack): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const sandbox = opening.use(await openSandbox());
  // it is thrown away in the end: that its machine might lose power is no matter
  const server = await startPostgres(["fsync=off"], remains);
  opening.defer(() => server.stop());
  stop.throwIfAborted();
  const studio = openStudio(sandbox, server.url);
  remains.defer(() => studio.kill());
  opening.defer(() => studio.end());
  const { byItself, toggle } = startHosts(studio);
  const feed = feeding(sandbox);
  opening.defer(() => feed.stop());
  const parts = opening.move();
  const begun = performance.now();
  let status: Status | null = null;
  return {
    database: server.url.replace(/\/\/.*@/, "//"),
    site: sandbox.url,
    toggle,
    quiet: () => feed.stop(),
    async view() {
      const alive = HOSTS.filter((host) => studio.daemons.get(host)!.running);
      // what was known last stands while none is there to be asked
      status = (await askAny(studio, alive)) ?? status;
      const owners = new Map(status?.cluster.plugins.map(({ path, host }) => [path, host]));
      const ownerOf = (name: string) =>
        owners.get(join(studio.folder, "plugins", `${name}.${name.startsWith("py") ? "py" : "ts"}`)) ?? null;
      return {
        seconds: (performance.now() - begun) / 1000,
        events: feed.ids.length,
        hosts: HOSTS.map((name) => ({
          name,
          alive: alive.includes(name),
          byItself: byItself.get(name) ?? null,
          plugins: studio.plugins.filter((plugin) => ownerOf(plugin) === name).length,
          reads: status?.cluster.reader === name,
        })),
        plugins: studio.plugins.map((name) =>
          pluginView(studio, name, { host: ownerOf(name), ids: feed.ids }),
        ),
      };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function openStudio(sandbox: Sandbox, database: string): ClusterStudio {
  const studio = new ClusterStudio(
    sandbox,
    { url: database, lease: `${LEASE_S}s` },
    {
      start: sandbox.site.events.newestId + 1,
      fetchInterval: "200ms",
      python: { interpreter: python ?? "python3" },
    },
  );
  for (const name of [...TYPESCRIPT, ...(python ? PYTHON : [])]) studio.add(name);
  return studio;
}

/** All of them, and how those ended that nobody killed. */
function startHosts(studio: ClusterStudio): Pick<Scene, "toggle"> & { byItself: ReadonlyMap<string, Ended> } {
  const byItself = new Map<string, Ended>();
  const killed = new Set<object>();
  const start = (host: string) => {
    byItself.delete(host);
    const daemon = studio.start(host);
    void daemon.ended.then((how) => killed.has(daemon) || byItself.set(host, how));
  };
  const toggle = (host: string) => {
    const daemon = studio.daemons.get(host)!;
    if (!daemon.running) return start(host);
    killed.add(daemon);
    void daemon.kill();
  };
  for (const host of HOSTS) start(host);
  return { byItself, toggle };
}

function pluginView(
  studio: ClusterStudio,
  name: string,
  { host, ids }: { host: string | null; ids: readonly number[] },
): PluginView {
  const { delivered, lost: missing, repeats, unmarked, disorder } = studio.judge(name, ids);
  const newest = Math.max(0, ...studio.notes(name).map(({ id }) => id));
  const lost = missing.filter((id) => id < newest).length;
  const [waiting, repeatsUnmarked] = [missing.length, unmarked.length];
  return { name, host, delivered, waiting, lost, disorder, repeats, repeatsUnmarked };
}

/** Any daemon knows of all. null: none answers. */
async function askAny(studio: ClusterStudio, alive: readonly string[]): Promise<Status | null> {
  for (const host of alive) {
    try {
      const control = await openControl({ state: join(studio.folder, "state", host) }, false);
      return await control.get<Status>("/status");
    } catch {
      // it has only begun, or is about to end; the next one knows
    }
  }
  return null;
}

/** Events come in. */
function feeding(sandbox: Sandbox): { ids: readonly number[]; stop(): void } {
  const ids: number[] = [];
  const timer = setInterval(() => {
    const event_type = KINDS[ids.length % KINDS.length]!;
    ids.push(sandbox.site.events.add([{ event_type, attribute_name: "sg_status_list" }]).first);
  }, EVENT_EVERY_MS);
  return { ids, stop: () => clearInterval(timer) };
}
