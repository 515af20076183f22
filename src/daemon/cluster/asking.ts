/** Asks the host that runs a plugin, and waits for what it says. */
import { randomUUID } from "node:crypto";
import { CallsheetError } from "../../errors.ts";
import type { Cluster } from "../../journal/journal.ts";
import type { LaneStatus } from "../lane-status.ts";
import { pause } from "../pause.ts";
import { commandOf, type Request, readAnswer } from "./request.ts";
import { unanswered, unreachable } from "./unanswered.ts";

export interface AskingParts {
  cluster: Cluster;
  /** Longest time that a host gives the event in hand, ms. */
  graceMs: number;
}

export interface Patience {
  /** Until somebody has taken it, ms. */
  takenMs: number;
  /** From then until it is answered, ms. */
  answeredMs: number;
}

type Outcome = { kind: "answered"; answer: string } | { kind: "untaken" | "open" | "vanished" };

/** A plugin changes its owner within this time, leases; what is added for what they have to say, ms. */
const TAKE_OVER_LEASES = 2;
const WORDS_MS = 10_000;

export class Asking {
  /** Commands that are waited for, by id. */
  readonly waited = new Set<string>();
  readonly #parts: AskingParts;

  constructor(parts: AskingParts) {
    this.#parts = parts;
  }

  /**
   * @returns what the host that runs the plugin answers
   * @throws CallsheetError as that host refuses; NOT_POSSIBLE_NOW when none takes it, with nothing done; COMMAND_UNANSWERED when it is
   * not known whether it was done; STATE_UNUSABLE while the database does not answer
   */
  async ask<T>(lane: LaneStatus, request: Request, patience = this.#patience()): Promise<T> {
    const { cluster } = this.#parts;
    const why = unreachable(cluster);
    if (why) throw notReached(lane, why.what, why.until);
    const id = randomUUID();
    this.waited.add(id);
    try {
      await this.#give(id, lane, request, patience.takenMs);
      const outcome = await this.#outcome(id, patience);
      if (outcome.kind === "answered") return readAnswer<T>(outcome.answer);
      throw this.#noAnswer(outcome.kind, lane, request, patience);
    } finally {
      // what is answered from now on is put away when it is seen
      this.waited.delete(id);
    }
  }

  #patience(): Patience {
    const { cluster, graceMs } = this.#parts;
    const takenMs = cluster.leaseMs * TAKE_OVER_LEASES + WORDS_MS;
    return { takenMs, answeredMs: takenMs + graceMs };
  }

  async #give(id: string, lane: LaneStatus, request: Request, withinMs: number): Promise<void> {
    const { commands } = this.#parts.cluster;
    const given = commands.give({ id, lane: lane.id, request: JSON.stringify(request) });
    if (await within(given, withinMs)) return;
    // should it arrive after all, nobody waits for it
    void given.then(() => commands.withdraw(id)).catch(() => {});
    throw unanswered(lane, "The database of the cluster does not answer");
  }

  async #outcome(id: string, { takenMs, answeredMs }: Patience): Promise<Outcome> {
    const { cluster } = this.#parts;
    const begun = performance.now();
    let takenAt: number | null = null;
    let seen = false;
    for (;;) {
      const command = cluster.view?.commands.find((one) => one.id === id);
      if (command?.answer) return { kind: "answered", answer: command.answer };
      if (seen && !command) return { kind: "vanished" };
      seen ||= command !== undefined;
      if (command?.taker) takenAt ??= performance.now();
      const left = takenAt === null ? begun + takenMs : takenAt + answeredMs;
      if (performance.now() < left) {
        await cluster.looked(AbortSignal.timeout(Math.ceil(left - performance.now()))).catch(unlessTimedOut);
        continue;
      }
      if (takenAt !== null) return { kind: "open" };
      if (await this.#isWithdrawn(id)) return { kind: "untaken" };
      takenAt = performance.now();
    }
  }

  async #isWithdrawn(id: string): Promise<boolean> {
    const withdrawn = this.#parts.cluster.commands.withdraw(id);
    return (await within(withdrawn, WORDS_MS)) && (await withdrawn);
  }

  #noAnswer(
    kind: "untaken" | "open" | "vanished",
    lane: LaneStatus,
    request: Request,
    { takenMs, answeredMs }: Patience,
  ): CallsheetError {
    const { name, host } = lane;
    const { hosts = [] } = this.#parts.cluster.view ?? {};
    if (kind === "untaken") {
      const version = hosts.find((one) => one.name === host)?.version;
      const who = host === null ? `No host of the cluster runs ${name}` : `${host}, which runs ${name},`;
      const did = host === null ? ": none" : " did not take the command";
      const message = `${who}${host === null ? `, and none took it` : did} within ${seconds(takenMs)}; nothing was done.`;
      const hint = version
        ? `${host} is of version ${version}. Look at it with: callsheet status`
        : "Look with: callsheet status";
      return new CallsheetError("NOT_POSSIBLE_NOW", message, { hint });
    }
    const of = host ?? "a host";
    if (kind === "open")
      return unanswered(
        lane,
        `${of} took the ${commandOf(request)} of ${name} and has not answered within ${seconds(answeredMs)}`,
      );
    return unanswered(
      lane,
      `${of} was asked for the ${commandOf(request)} of ${name}, and the answer was lost`,
    );
  }
}

/** Whether it settles in time. @throws as it rejects */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = pause(ms, over.signal).then(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    over.abort();
  }
}

function unlessTimedOut(error: unknown): void {
  if (!(error instanceof DOMException)) throw error;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}

function notReached({ name, host }: LaneStatus, why: string, until: string): CallsheetError {
  const where = host === null ? "" : `, which runs on ${host},`;
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The database of the cluster ${why}, so ${name}${where} cannot be reached; nothing was done.`,
    { hint: `Give it again when the database ${until} again.` },
  );
}
