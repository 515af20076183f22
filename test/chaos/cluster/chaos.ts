/**
 * One chaos run of a cluster: three real daemons, a real PostgreSQL, eight plugins of both languages, the sandbox, and all faults mixed by
 * a seed; then a quiet phase with a fresh event, and the verdict.
 */
import { setTimeout as wait } from "node:timers/promises";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { openSandbox, type Sandbox } from "../../../src/sandbox/open.ts";
import { Dice } from "../../../src/sandbox/random.ts";
import { type PostgresServer, startPostgres } from "../../journal/postgres/server.ts";
import { ChaosSite } from "../site.ts";
import { LostAnswers } from "./answers.ts";
import { noteTenures } from "./database.ts";
import { ClusterHost, openLines } from "./host.ts";
import { type ClusterReport, judged } from "./judged.ts";
import { settle } from "./settle.ts";
import { type Struck, storm } from "./storm.ts";
import { ClusterStudio, type ORDERS } from "./studio.ts";

export interface ClusterPlan {
  seed: number;
  /** How long things go wrong. */
  minutes: number;
  leaseMs: number;
  order: (typeof ORDERS)[number];
  /** A late event comes no later than this, ms. */
  latestMs: number;
  tell(line: string): void;
}

/** Everything of a run that is there. */
export interface World {
  plan: ClusterPlan;
  dice: Dice;
  sandbox: Sandbox;
  site: ChaosSite;
  studio: ClusterStudio;
  server: PostgresServer;
  hosts: readonly ClusterHost[];
  struck: Struck[];
  lostAnswers: LostAnswers;
}

const NAMES = ["ada", "bob", "cyd"];

export async function clusterChaos(plan: ClusterPlan): Promise<ClusterReport> {
  await using ending = new AsyncDisposableStack();
  const sandbox = ending.use(await openSandbox());
  // what the power takes is not asked here; what was written survives a kill -9
  const server = await startPostgres(["fsync=off"]);
  ending.defer(() => server.stop());
  await prepareDatabase(server, plan.leaseMs);
  const studio = new ClusterStudio(sandbox, plan);
  const dice = new Dice(plan.seed);
  const site = new ChaosSite(sandbox, new Dice(plan.seed + 1), plan.latestMs);
  site.add(20);
  const reach = { database: server.url, site: sandbox.url };
  const hosts: ClusterHost[] = [];
  const lostAnswers = new LostAnswers(new Dice(plan.seed + 2));
  // a run that is broken off leaves no processes
  const breakOff = () => {
    for (const { keeper } of hosts) keeper.daemon.child.kill("SIGKILL");
    server.kill();
  };
  process.once("exit", breakOff);
  ending.defer(() => void process.removeListener("exit", breakOff));
  for (const name of NAMES) {
    const host = new ClusterHost(name, await openLines(reach), studio, reach);
    hosts.push(host);
    lostAnswers.of(host);
    ending.defer(() => host.close());
  }
  const world: World = { plan, dice, sandbox, site, studio, server, hosts, struck: [], lostAnswers };
  const report = await run(world);
  if (report.broken.length === 0) studio.remove();
  else plan.tell(`everything is kept in ${studio.folder}`);
  return report;
}

async function run(world: World): Promise<ClusterReport> {
  const over = new AbortController();
  const work = workOfSite(world, over.signal);
  const begun = performance.now();
  try {
    await storm(world);
  } finally {
    over.abort();
    world.lostAnswers.on = false;
    await work;
  }
  const settled = performance.now();
  const unsettled = await settle(world);
  return judged(world, {
    unsettled,
    seconds: Math.round((settled - begun) / 1000),
    quietMs: Math.round(performance.now() - settled),
  });
}

/** About twenty events a second, some of them late, some ids never used. */
async function workOfSite({ site }: World, over: AbortSignal): Promise<void> {
  const dice = new Dice(site.sandbox.site.events.newestId);
  while (!over.aborted) {
    site.stir(3);
    await wait(dice.between(60, 200));
  }
}

async function prepareDatabase({ url }: PostgresServer, leaseMs: number): Promise<void> {
  const journal = await openPostgresJournal({ url });
  await journal.close();
  await noteTenures(url, leaseMs);
}
