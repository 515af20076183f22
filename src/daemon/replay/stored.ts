/** Questions about replays: of a running daemon, or of the state of one that is stopped. */
import { CallsheetError } from "../../errors.ts";
import type { KeptWrite, ReplayFailure, ReplayRecord, ReplayStore } from "../../journal/replays.ts";
import type { Retrying } from "../trouble.ts";
import type { ReplayActivity, ReplayRun } from "./run.ts";

/** A replay, and what it is doing while it runs. */
export interface ReplayStatus extends ReplayRecord {
  /** null: it does not run. */
  activity: ReplayActivity | null;
  inHand: { eventId: number | null; callback: string; forMs: number } | null;
  retrying: Retrying | null;
}

export class StoredReplays {
  readonly #store: ReplayStore | null;
  /** The record with what is known of it besides. */
  protected readonly status: (record: ReplayRecord) => ReplayStatus;

  /** @param store null: there never was a replay */
  constructor(store: ReplayStore | null, status = statusOfStopped) {
    this.#store = store;
    this.status = status;
  }

  /** Newest first. @param lane only those of this lane, by its id */
  async list(query: { lane?: string | undefined; limit: number }): Promise<ReplayStatus[]> {
    return ((await this.#store?.list(query)) ?? []).map((record) => this.status(record));
  }

  /** @throws CallsheetError REPLAY_UNKNOWN */
  async get(id: number): Promise<ReplayStatus> {
    return this.status(await this.record(id));
  }

  /** What was recorded of events that failed or were skipped while it went on, newest first. @throws as `get` */
  async failures(id: number, limit: number): Promise<ReplayFailure[]> {
    await this.record(id);
    return (await this.#store?.failures(id, limit)) ?? [];
  }

  /** What a dry run caught. @throws as `get` */
  async writes<Write>(id: number, query: { after: number; limit: number }): Promise<KeptWrite<Write>[]> {
    await this.record(id);
    return (await this.#store?.writes<Write>(id, query)) ?? [];
  }

  /** @throws CallsheetError REPLAY_UNKNOWN */
  protected async record(id: number): Promise<ReplayRecord> {
    const record = await this.#store?.get(id);
    if (record) return record;
    throw new CallsheetError("REPLAY_UNKNOWN", `There is no replay ${id}.`, {
      hint: "`callsheet replays` lists those there are.",
    });
  }
}

/** The daemon is gone: what stands as running was killed in the middle of it. */
function statusOfStopped(record: ReplayRecord): ReplayStatus {
  return statusOf(record.state === "running" ? { ...record, state: "interrupted" } : record);
}

/** @param run null: it does not run */
export function statusOf(
  record: ReplayRecord,
  run?: Pick<ReplayRun, "activity" | "inHand" | "retrying" | "standing">,
): ReplayStatus {
  if (!run) return { ...record, activity: null, inHand: null, retrying: null };
  const { activity, inHand, retrying, standing } = run;
  return {
    ...record,
    state: "running",
    problem: null,
    endedAt: null,
    ...standing,
    activity,
    inHand,
    retrying,
  };
}
