/**
 * What an operator can do to a running daemon. Each is done between two events of the plugin, written to the log, kept in
 * the state with who did it and why, and told as a happening. Nothing here loses an event without saying so in the ledger.
 */
import { CallsheetError } from "../errors.ts";
import type { DeedRecord, Journal, LaneJournal, OperatorNote } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { shellWord } from "../shell-word.ts";
import type { Happenings } from "./happenings.ts";
import type { Lane } from "./lane.ts";
import { noteOf, recordOf, sayDeed, tellDeed, type Who } from "./operated.ts";
import { type Aim, placeOf } from "./place.ts";
import { unknownPlugin } from "./unknown-plugin.ts";

/** A cursor's move: places in the journal, and the events between them. */
export interface Move {
  plugin: string;
  from: number;
  to: number;
  /** Events that come again, or that are passed over. */
  events: number;
  /** Id of the event that is next after the move; null when it is one that is still to come. */
  nextEventId: number | null;
}

export interface OperationsParts {
  /** @returns null when no plugin of this name, or with this lane id, runs */
  find(nameOrId: string): { lane: Lane; laneJournal: LaneJournal } | null;
  plugins(): readonly { name: string }[];
  journal: Journal;
  log: Log;
  happenings: Happenings;
}

/** What can be done, wherever the plugin runs. */
export type Operator = Pick<Operations, "pause" | "resume" | "retry" | "reload" | "skip" | "plan" | "move">;

export class Operations {
  readonly #parts: OperationsParts;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
  }

  /** Ends the plugin's host after the event in hand; its events wait until `resume`, also over restarts. */
  async pause(plugin: string, who: Who): Promise<void> {
    const { lane } = this.#find(plugin);
    if (lane.paused) throw notNow(`${lane.file.name} is paused already, by ${lane.paused.by}.`);
    await this.#setPaused(lane, noteOf(who), who);
  }

  async resume(plugin: string, who: Who): Promise<void> {
    const { lane } = this.#find(plugin);
    if (!lane.paused) throw notNow(`${lane.file.name} is not paused.`);
    await this.#setPaused(lane, null, who);
  }

  /** Starts a plugin that stopped, or that waits to be tried again, at the event where it stands. */
  async retry(plugin: string, who: Who): Promise<void> {
    const { lane } = this.#find(plugin);
    this.#refusePaused(lane);
    const { activity, failure, retrying } = lane.status();
    if (!["failed", "unloadable", "retrying", "restarting"].includes(activity)) {
      throw notNow(`${lane.file.name} is ${activity}: there is nothing to try again.`, {
        hint: "A fresh start of a plugin that runs is `reload`.",
      });
    }
    who.begin?.();
    lane.again();
    const eventId = failure?.eventId || retrying?.eventId;
    await this.#done("retry", lane, who, eventId ? `event ${eventId}` : "");
  }

  /** A fresh host with the code as it is now, after the event in hand. */
  async reload(plugin: string, who: Who): Promise<void> {
    const { lane } = this.#find(plugin);
    this.#refusePaused(lane);
    who.begin?.();
    lane.again();
    await this.#done("reload", lane, who, "");
  }

  /**
   * Passes over the event that a plugin stands at: it stopped there, tries it again and again, or hangs in it. The callbacks of the
   * plugin that had not had it do not get it. Then the plugin goes on with the next.
   * @throws CallsheetError NOT_POSSIBLE_NOW when the plugin does not stand at that event
   */
  async skip(plugin: string, eventId: number, who: Who): Promise<void> {
    const { lane, laneJournal } = this.#find(plugin);
    const note = reasoned(who, "skip");
    // first a look, so that a wrong id does not interrupt the plugin
    await this.#headIs(eventId, lane, laneJournal);
    const deed = { action: "skip", plugin: lane.file.name, detail: `event ${eventId}` };
    await lane.between(async () => {
      const seq = await this.#headIs(eventId, lane, laneJournal);
      who.begin?.();
      await moveOrRefuse(lane, laneJournal, { from: seq - 1, to: seq }, note, recordOf(deed, who));
    });
    sayDeed(this.#parts, deed, who);
  }

  /** What `rewind` or `forward` would do. @throws as they do */
  async plan(direction: "rewind" | "forward", plugin: string, aim: Aim): Promise<Move> {
    const { lane, laneJournal } = this.#find(plugin);
    const { journal } = this.#parts;
    const { seq: from } = await laneJournal.cursor();
    const to = await placeOf(journal, aim);
    const name = lane.file.name;
    if (direction === "rewind" ? to >= from : to <= from) {
      const other = direction === "rewind" ? "forward" : "rewind";
      const where = to === from ? "That is where it stands." : `That is the other way: use \`${other}\`.`;
      throw notNow(`${name} cannot ${direction} from place ${from} to ${to}.`, { hint: where });
    }
    const [next] = (await journal.read(to, 1)).entries;
    return { plugin: name, from, to, events: Math.abs(to - from), nextEventId: next?.id ?? null };
  }

  /**
   * Moves the cursor of a paused plugin to the event or time given, which is then the next to be delivered. Back: events come
   * again, marked as redelivered. Forward: what lies between counts as skipped by the operator.
   * @param expected where the cursor stands, as `plan` told; the move is refused if it stands elsewhere
   * @throws CallsheetError NOT_POSSIBLE_NOW, EVENT_UNKNOWN
   */
  async move(
    direction: "rewind" | "forward",
    plugin: string,
    aim: Aim,
    { expected, ...who }: Who & { expected?: number | undefined },
  ): Promise<Move> {
    const { lane, laneJournal } = this.#find(plugin);
    const note = reasoned(who, direction);
    const name = lane.file.name;
    if (!lane.paused) {
      const hint = `Pause it first: callsheet pause ${shellWord(name)}`;
      throw notNow(`${name} runs, and the cursor of a plugin can only be moved while it is paused.`, {
        hint,
      });
    }
    const move = await this.plan(direction, plugin, aim);
    if (expected !== undefined && expected !== move.from) {
      throw notNow(`${name} stands at place ${move.from}, not at ${expected} any more.`);
    }
    const detail = `from place ${move.from} to ${move.to}, ${move.events} events`;
    const deed = { action: direction, plugin: name, detail };
    await lane.between(async () => {
      who.begin?.();
      await moveOrRefuse(lane, laneJournal, move, note, recordOf(deed, who, move));
    });
    sayDeed(this.#parts, deed, who);
    return move;
  }

  /** The seq of the event that the lane stands at, if it is this one. */
  async #headIs(eventId: number, lane: Lane, laneJournal: LaneJournal): Promise<number> {
    const { begun } = await laneJournal.cursor();
    const name = lane.file.name;
    const [head] = begun ? (await this.#parts.journal.read(begun.seq - 1, 1)).entries : [];
    if (!head) {
      throw notNow(`${name} does not stand at an event, so there is none to skip.`, {
        hint: `Start it again with: callsheet retry ${shellWord(name)}`,
      });
    }
    if (head.id !== eventId) throw notNow(`${name} stands at event ${head.id}, not at ${eventId}.`);
    return head.seq;
  }

  #refusePaused(lane: Lane): void {
    const { name } = lane.file;
    if (!lane.paused) return;
    throw notNow(`${name} is paused by ${lane.paused.by}.`, {
      hint: `Let it go on with: callsheet resume ${shellWord(name)}`,
    });
  }

  #find(plugin: string): { lane: Lane; laneJournal: LaneJournal } {
    const found = this.#parts.find(plugin);
    if (found) return found;
    throw unknownPlugin(plugin, this.#parts.plugins());
  }

  async #setPaused(lane: Lane, note: OperatorNote | null, who: Who): Promise<void> {
    const deed = { action: note ? "pause" : "resume", plugin: lane.file.name, detail: "" };
    await lane.setPaused(note, recordOf(deed, who), who.begin);
    sayDeed(this.#parts, deed, who);
  }

  #done(action: string, lane: Lane, who: Who, detail: string): Promise<void> {
    return tellDeed(this.#parts, { action, plugin: lane.file.name, detail }, who);
  }
}

async function moveOrRefuse(
  lane: Lane,
  laneJournal: LaneJournal,
  { from, to }: { from: number; to: number },
  note: OperatorNote,
  record: DeedRecord,
): Promise<void> {
  if (!(await laneJournal.moveCursor({ from, to }, note, record)))
    throw notNow(`${lane.file.name} has moved on meanwhile; nothing was changed.`);
  lane.movedTo(to);
}

function reasoned(who: Who, action: string): OperatorNote {
  if (who.why.trim() !== "") return noteOf(who);
  throw notNow(`A ${action} needs a reason: events do not reach a plugin, or do so twice, because of it.`, {
    hint: 'Give one, such as --reason "the shot was deleted".',
  });
}

function notNow(message: string, options: { hint?: string } = {}): CallsheetError {
  return new CallsheetError("NOT_POSSIBLE_NOW", message, options);
}
