/** Commands that were given on other hosts, done by the one that runs the plugin. */
import { asError, CallsheetError } from "../../errors.ts";
import type { Cluster, LaneCommand, LaneJournal } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import type { Lane } from "../lane.ts";
import { pause } from "../pause.ts";
import { GIVE_BACK_WITHIN_MS } from "./reading.ts";
import { type Asked, doneAnswer, isFreshStart, perform, readRequest, refusal } from "./request.ts";

interface Found {
  lane: Lane;
  laneJournal: LaneJournal;
}

export interface TakingParts extends Asked {
  cluster: Cluster;
  /** The plugin with this lane, if this daemon runs it. */
  find(lane: string): Found | null;
  /** Commands of this host that are waited for. */
  waited: ReadonlySet<string>;
  log: Log;
}

export class Taking {
  readonly #parts: TakingParts;
  /** By command. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** By lane: one after the other. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(parts: TakingParts) {
    this.#parts = parts;
  }

  /** Until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster } = this.#parts;
    while (!signal.aborted) {
      try {
        await cluster.looked(signal);
      } catch (error) {
        if (!signal.aborted) throw error;
        break;
      }
      for (const command of cluster.view?.commands ?? []) this.#see(command);
    }
    const over = new AbortController();
    void Promise.all(this.#underWay.values()).then(() => over.abort());
    await pause(GIVE_BACK_WITHIN_MS, over.signal);
  }

  #see(command: LaneCommand): void {
    if (this.#underWay.has(command.id)) return;
    const work = this.#isLeftOver(command) ? this.#tidy(command) : this.#turnOf(command);
    if (!work) return;
    const done = work
      .catch((error: unknown) => this.#tellTrouble(error))
      .finally(() => this.#underWay.delete(command.id));
    this.#underWay.set(command.id, done);
  }

  /** Nobody waits for it. What was taken is the taker's to end, while it is there. */
  #isLeftOver({ id, asker, taker, answer }: LaneCommand): boolean {
    const { cluster, waited } = this.#parts;
    if (asker === cluster.self.id) return answer !== null && !waited.has(id);
    const there = (host: string) => cluster.view!.hosts.some((one) => one.id === host);
    return !there(asker) && (answer !== null || taker === null || !there(taker));
  }

  async #tidy({ id, answer, taker }: LaneCommand): Promise<void> {
    const { commands } = this.#parts.cluster;
    if (answer === null && taker === null) await commands.withdraw(id);
    else await commands.forget(id);
  }

  #turnOf(command: LaneCommand): Promise<void> | null {
    const found = this.#parts.find(command.lane);
    if (!found || command.answer !== null || hasEnded(found)) return null;
    if (command.taker !== null && command.epoch >= found.laneJournal.epoch) return null;
    const { lane } = command;
    const turn = (this.#last.get(lane) ?? Promise.resolve()).then(() => this.#do(command, found));
    const settled = turn.catch(() => {});
    this.#last.set(lane, settled);
    void settled.then(() => {
      if (this.#last.get(lane) === settled) this.#last.delete(lane);
    });
    return turn;
  }

  async #do({ id, lane, request: text }: LaneCommand, found: Found): Promise<void> {
    const { commands } = this.#parts.cluster;
    const { epoch } = found.laneJournal;
    const taken = await commands.take(id, epoch);
    if (!taken) return;
    const say = (answer: string) => commands.answer({ id, answer }, epoch);
    const request = readRequest(text);
    // it has been loaded afresh since another took the command
    if (taken.before !== null && isFreshStart(request)) return say(doneAnswer(null));
    const who = "who" in request && {
      who: { ...request.who, answer: (result: unknown) => ({ id, answer: doneAnswer(result) }) },
    };
    try {
      const result = await perform({ ...request, ...who }, lane, this.#parts);
      await say(doneAnswer(result));
    } catch (error) {
      // the next owner does it
      if (hasEnded(found)) return commands.giveBack(id);
      if (!(error instanceof CallsheetError)) this.#tellTrouble(error);
      await say(refusal(asRefusal(error, this.#parts.cluster.self.name)));
    }
  }

  #tellTrouble(thrown: unknown): void {
    const { message, stack = "" } = asError(thrown);
    this.#parts.log.error(`a command of another host failed: ${message}`, { code: "INTERNAL", stack });
  }
}

function hasEnded({ lane, laneJournal }: Found): boolean {
  return laneJournal.lease?.ended === true || lane.status().activity === "stopped";
}

function asRefusal(error: unknown, host: string): CallsheetError {
  if (error instanceof CallsheetError) return error;
  return new CallsheetError("INTERNAL", `${host} met a mistake of its own; its log says more.`);
}
