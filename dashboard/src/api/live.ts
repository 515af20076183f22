/**
 * What the page knows of the daemon, kept up to date: the status is asked for once and whenever something changed that live updates do
 * not carry; in between, figures and events come with the updates. While the daemon is away the last figures stay, marked as old.
 */
import { batch, signal } from "@preact/signals";
import { ask, Refusal } from "./ask.ts";
import type { Status, Update } from "./shapes.ts";
import type { Told } from "./stream.ts";
import { watching } from "./watching.ts";

/** null until it is known. */
export const status = signal<Status | null>(null);
export const connection = signal<"connecting" | "live" | "away">("connecting");
/** Why there is no status, when there is none. */
export const refusal = signal<Refusal | null>(null);
/** Counts everything that may have changed an answer of the API: pages ask again when it moves. */
export const changes = signal(0);

/** Counts minutes, for what has a new answer but once in each. */
export const minutes = signal(0);

type Listener = (update: Update) => void;
const listeners = new Set<Listener>();

/** @returns what ends it */
export function onUpdate(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const ASK_AGAIN_MS = 10_000;
/** A daemon that hangs, or a network that swallows everything, ends no connection: it only does not answer. */
const PATIENCE_MS = 8000;
const GATHER_MS = 300;
const MINUTE_MS = 60_000;
let asking = false;
let gathering: ReturnType<typeof setTimeout> | undefined;

/** Begins to follow the daemon; goes on for as long as the page is open. */
export function follow(): void {
  const stream = watching(hear);
  const look = () => {
    if (document.visibilityState === "hidden") return stream.leave();
    void refresh();
    stream.watch();
  };
  look();
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", look);
  addEventListener("pagehide", () => stream.leave());
  setInterval(look, ASK_AGAIN_MS);
  setInterval(() => {
    if (document.visibilityState === "visible") minutes.value += 1;
  }, MINUTE_MS);
}

function hear(told: Told): void {
  if (told.kind === "update") take(told.update);
  else void refresh();
  if (told.kind === "lost") connection.value = "away";
}

/** Asks for the status now. */
export async function refresh(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    const answer = await ask<Status>("/status", AbortSignal.timeout(PATIENCE_MS));
    batch(() => {
      status.value = answer;
      refusal.value = null;
      connection.value = "live";
      changes.value += 1;
    });
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    refusal.value = thrown;
    if (thrown.status === 0) connection.value = "away";
  } finally {
    asking = false;
  }
}

function take(update: Update): void {
  const known = status.value;
  if (known) {
    const figures = new Map(update.plugins.map((plugin) => [plugin.name, plugin]));
    status.value = {
      ...known,
      now: update.at,
      journal: { ...known.journal, lastSeq: update.lastSeq },
      reader: { ...known.reader, events: known.reader.events + update.appended },
      plugins: known.plugins.map((plugin) => {
        const changed = figures.get(plugin.name);
        if (!changed) return plugin;
        const { recent: _, ...fresh } = changed;
        return { ...plugin, ...fresh };
      }),
    };
  }
  for (const listener of listeners) listener(update);
  // a replay comes further all the time, and changes nothing that the other pages show
  if (update.happenings.some(({ kind }) => kind !== "replay")) refreshSoon();
}

function refreshSoon(): void {
  clearTimeout(gathering);
  gathering = setTimeout(() => void refresh(), GATHER_MS);
}
