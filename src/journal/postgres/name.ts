/**
 * The name of a host is one daemon's. It is free when nobody has it, when whoever had it is known to have ended, or when nothing was heard
 * of that one for a lease. A daemon that is heard of keeps it.
 */
import { setTimeout as wait } from "node:timers/promises";
import { CallsheetError } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import type { Starting } from "../starting.ts";
import type { Engine, Session } from "./engine.ts";

export interface Holder {
  /** `HostRecord.id`. */
  id: string;
  beat: number;
  url: string | null;
  /** How long its leases last; null: its version does not say. */
  leaseMs: number | null;
  /** Where the database is asked from by it, an address of the network; null: from the same machine, or its version does not say. */
  from: string | null;
  /** When it took the name by the database's clock, ms since 1970; null: its version does not say. */
  since: number | null;
}

export interface NameWanted {
  name: string;
  leaseMs: number;
  /** Ids of daemons that have ended. */
  ended: readonly string[];
  log?: Log | undefined;
  /** Default: nobody is told of the wait, and nothing ends it. */
  starting?: Starting | undefined;
}

const PAUSE_MS = 200;
/** A step that is longer was no looking: this process stood still, or the database was away. */
const LONGEST_STEP_MS = 4 * PAUSE_MS;

const HOLDER = `SELECT id, beat, url, CASE WHEN lease_of = id THEN lease_ms END AS "leaseMs",
  CASE WHEN holder::json->>'id' = id THEN holder::json->>'from' END AS "from",
  CASE WHEN holder::json->>'id' = id THEN (holder::json->>'since')::bigint END AS since
  FROM host WHERE name = $1`;

export async function holderOf(session: Session, name: string): Promise<Holder | null> {
  const [holder] = await session.rows<Holder>(HOLDER, [name]);
  return holder ?? null;
}

/**
 * Waits until a name is free.
 * @returns who had it, as it was last; null: nobody
 * @throws CallsheetError STATE_LOCKED when whoever has it is heard of; the reason of `starting.signal`
 */
export async function untilNameIsFree(engine: Engine, wanted: NameWanted): Promise<Holder | null> {
  const { name, leaseMs, ended, log, starting } = wanted;
  let before: Holder | null = null;
  let silentMs = 0;
  for (let at = performance.now(); ; await wait(PAUSE_MS)) {
    const holder = await engine.patiently(() => {
      // also while the database is away
      starting?.signal.throwIfAborted();
      return holderOf(engine, name);
    });
    if (holder === null || ended.includes(holder.id)) return holder;
    const now = performance.now();
    if (before?.id !== holder.id) {
      silentMs = 0;
      log?.info(
        `The name ${name} was another daemon's${whoOf(holder)}: waiting whether that one is heard of.`,
      );
    } else if (before.beat !== holder.beat) throw nameTaken(name, holder);
    else silentMs += Math.min(now - at, LONGEST_STEP_MS);
    const leftMs = Math.max(leaseMs, holder.leaseMs ?? 0) - silentMs;
    if (leftMs <= 0) return holder;
    starting?.waits(leftMs);
    before = holder;
    at = now;
  }
}

export function nameTaken(name: string, holder: Holder): CallsheetError {
  return new CallsheetError(
    "STATE_LOCKED",
    `Another daemon of the cluster runs with the name ${name}${whoOf(holder)}, and this one does not take it from it.`,
    { hint: NAMES },
  );
}

export const NAMES =
  "Give each daemon a name of its own with CALLSHEET_HOST; the default is the name of the machine.";

/** ` (since …, at …, heard from …)`, as far as is known. */
export function whoOf({ since, url, from }: Holder): string {
  const parts = [
    since === null ? null : `since ${new Date(since).toISOString()}`,
    url === null ? null : `at ${url}`,
    from === null ? null : `connected to the database from ${from}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
