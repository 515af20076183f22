/** Which daemons of a cluster run, for whoever is none of them: a row that changes is of one that does. */
import { setTimeout as wait } from "node:timers/promises";
import { CallsheetError } from "../../errors.ts";
import type { Engine, Session } from "./engine.ts";

export interface HostBeat {
  name: string;
  /** Of Callsheet. */
  version: string;
  /** Of the tables: the newest that it knows. 0: it is older than this is told. */
  format: number;
  beat: number;
  /** How long its leases last; 0: its version does not say. */
  leaseMs: number;
}

interface HostRow extends Omit<HostBeat, "format" | "leaseMs"> {
  id: string;
  format?: number;
  lease_ms?: number | null;
  lease_of?: string | null;
}

/** A daemon that runs is heard of three times in a lease; one beat may come late. */
const HEARD_WITHIN = 2 / 3;

/** For what needs all of them stopped. @throws STATE_LOCKED when one is heard of */
export async function refuseRunning(engine: Engine, leaseMs: number): Promise<void> {
  const before = await readBeats(engine);
  if (before.length === 0) return;
  await wait(heardWithinMs(leaseMs, before));
  const running = heardSince(before, await readBeats(engine));
  if (running.length === 0) return;
  const names = running.map(({ name }) => name).join(", ");
  throw new CallsheetError("STATE_LOCKED", `Daemons of the cluster are running: ${names}.`, {
    hint: "Stop all of them, and give the command again.",
  });
}

/** Time between two looks after which each of them that runs was heard of, ms. @param leaseMs of those that do not say */
export function heardWithinMs(leaseMs: number, hosts: readonly HostBeat[]): number {
  return Math.max(leaseMs, ...hosts.map((host) => host.leaseMs)) * HEARD_WITHIN;
}

export async function readBeats(session: Session): Promise<HostBeat[]> {
  // the tables may be of any age
  const rows = await session.rows<HostRow>("SELECT * FROM host ORDER BY name");
  return rows.map(({ id, name, version, format = 0, beat, lease_ms, lease_of }) => {
    const leaseMs = lease_of === id ? (lease_ms ?? 0) : 0;
    return { name, version, format, beat, leaseMs };
  });
}

/** Those of which something was heard in between. Rows of the dead, and of a backup, stand still. */
export function heardSince(before: readonly HostBeat[], now: readonly HostBeat[]): HostBeat[] {
  const beats = new Map(before.map(({ name, beat }) => [name, beat]));
  return now.filter(({ name, beat }) => beats.get(name) !== beat);
}
