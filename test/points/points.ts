/**
 * The steps of an event's way through the daemon, each with a number: between any two of them a `kill -9` may fall. What the daemon
 * does at a step is told to `hit` by wrappers around its functions: `daemon-hooks.ts` in the daemon, `guest-hooks.ts` in a plugin's
 * thread, `python/hooks` in a python process, and the plugins themselves.
 */
export interface Point {
  name: string;
  /** What stands when the kill comes. */
  says: string;
  /** Whose code it is in: a guest of Python is a process of its own, and can be killed alone. */
  side: "daemon" | "guest";
  /** What the run has to do for it to be met. Default: let events come. */
  needs?: "fresh state" | "changed file" | "stop";
  /** The kill comes at one of the first so many times that it is met. */
  most: number;
}

const daemon = (name: string, most: number, says: string, needs?: Point["needs"]): Point => ({
  name,
  says,
  side: "daemon",
  most,
  ...(needs ? { needs } : {}),
});
const guest = (name: string, most: number, says: string, needs?: Point["needs"]): Point => ({
  ...daemon(name, most, says, needs),
  side: "guest",
});

/** In the order in which an event meets them. The number of a point is its place here, from 1. */
export const POINTS: readonly Point[] = [
  daemon("start.new", 1, "the files of a new state are made, and nothing says so yet", "fresh state"),
  daemon("start.begun", 1, "the lanes know where the reader begins, the journal does not", "fresh state"),
  daemon("start.locked", 1, "the folder is locked, its owner is not written down"),
  daemon("start.opened", 2, "the owner is written down"),
  daemon("start.leased", 2, "a lane has its new epoch, and still the slot of the last host"),
  daemon("start.slot", 2, "a lane has a fresh slot"),
  daemon("reader.asks", 3, "the site is about to be asked"),
  daemon("reader.answered", 3, "the site has answered, nothing is written"),
  daemon("append.begins", 2, "a batch is about to be appended"),
  daemon("append.row", 30, "some events of the batch are inserted"),
  daemon("append.written", 2, "the batch and the position are written, not committed"),
  daemon("append.stored", 2, "the batch is committed, nobody knows"),
  daemon("append.told", 2, "the reader knows that it is appended"),
  daemon("handover.begins", 4, "a run is about to be recorded"),
  daemon("handover.written", 4, "the run is recorded, not committed"),
  daemon("handover.stored", 4, "the run is committed, not with the host"),
  daemon("handover.handed", 4, "the run is with the host"),
  guest("callback.taken", 60, "an event is in hand, its slot does not say so"),
  guest("callback.begun", 60, "the slot says that the event has begun, nothing is called"),
  guest("callback.entered", 60, "a callback is about to be called"),
  guest("callback.noted", 60, "a callback has done its work, and not returned"),
  guest("callback.returned", 60, "a callback has returned, its slot does not say so"),
  guest("callback.next", 20, "the slot says that a callback finished, the next one is not called"),
  guest("commit.finishing", 4, "a run is through, its slot does not say so"),
  guest("commit.finished", 4, "the slot says that the run is through, the daemon is not told"),
  daemon("commit.told", 4, "the daemon hears of the progress"),
  daemon("commit.counted", 4, "the progress counts"),
  daemon("commit.cursor", 2, "a cursor is about to be moved"),
  daemon("commit.written", 2, "a cursor is written, not committed"),
  daemon("commit.stored", 2, "a cursor is committed"),
  daemon("reload.noticed", 1, "a plugin's file has changed", "changed file"),
  daemon("reload.asked", 1, "the old host is about to be asked to end", "changed file"),
  daemon("reload.ended", 1, "the old host is gone", "changed file"),
  daemon("reload.settled", 1, "its last progress is taken over", "changed file"),
  guest("reload.loading", 1, "the fresh code is being loaded", "changed file"),
  daemon("reload.loaded", 1, "the fresh host is there, its callbacks are not stored", "changed file"),
  daemon("reload.registered", 1, "its callbacks are stored", "changed file"),
  daemon("reload.active", 1, "the lane is active again", "changed file"),
  daemon("shutdown.asked", 1, "the lanes are about to be stopped", "stop"),
  daemon("shutdown.host-asked", 1, "a host is about to be asked to end", "stop"),
  daemon("shutdown.host-ended", 1, "a host has ended", "stop"),
  daemon("shutdown.settled", 1, "the last progress of a host is taken over", "stop"),
  daemon("shutdown.closing", 1, "the journal is about to be closed", "stop"),
  daemon("shutdown.lanes", 1, "the lanes' database is closed, the journal's is not", "stop"),
  daemon("shutdown.journal", 1, "both databases are closed, nothing says so", "stop"),
  daemon("shutdown.released", 1, "it is written down that all is closed", "stop"),
];

export function numberOf(point: Point): number {
  return POINTS.indexOf(point) + 1;
}

/** The step that it belongs to: what stands before the dot. */
export function stepOf({ name }: Point): string {
  return name.split(".")[0]!;
}
