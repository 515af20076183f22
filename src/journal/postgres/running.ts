/** Whether daemons of the cluster are there, for what needs all of them stopped. */
import { setTimeout as wait } from "node:timers/promises";
import { CallsheetError } from "../../errors.ts";
import type { Engine } from "./engine.ts";

/** @throws STATE_LOCKED when a daemon of the cluster is heard of */
export async function refuseRunning(engine: Engine, leaseMs: number): Promise<void> {
  const beats = async () => {
    const rows = await engine.rows<{ name: string; beat: number }>("SELECT name, beat FROM host");
    return new Map(rows.map(({ name, beat }) => [name, beat]));
  };
  const before = await beats();
  if (before.size === 0) return;
  // rows of a backup, or of daemons that were killed, stand still; a daemon that runs is heard of three times in a lease
  await wait(leaseMs / 2);
  const running = [...(await beats())].filter(([name, beat]) => before.get(name) !== beat);
  if (running.length === 0) return;
  const names = running.map(([name]) => name).join(", ");
  throw new CallsheetError("STATE_LOCKED", `Daemons of the cluster are running: ${names}.`, {
    hint: "Stop all of them, and give the command again.",
  });
}
