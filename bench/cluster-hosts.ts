/** Waiting for hosts of a cluster. */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openControl } from "../src/cli/control/control.ts";
import type { BenchDaemon } from "./daemon.ts";

/** Hosts that have come take their share after two leases. */
const SETTLED_AFTER_LEASES = 4;

/** All hosts are there, and for a while no plugin has moved. */
export async function untilShared(
  daemons: readonly BenchDaemon[],
  names: readonly string[],
  leaseMs: number,
): Promise<void> {
  let places = "";
  let since = performance.now();
  await untilTrue(daemons, async () => {
    const control = await openControl({ state: join(daemons[0]!.folder, "state", names[0]!) }, false);
    const { cluster } = await control.get<{
      cluster: { hosts: unknown[]; plugins: { path: string; host: string | null }[] };
    }>("/status");
    const now = JSON.stringify([
      cluster.hosts.length,
      ...cluster.plugins.map(({ path, host }) => `${path} ${host}`).sort(),
    ]);
    if (now !== places || cluster.hosts.length < names.length) since = performance.now();
    places = now;
    return performance.now() - since > leaseMs * SETTLED_AFTER_LEASES;
  });
}

export async function untilTrue(
  daemons: readonly BenchDaemon[],
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!(await condition())) {
    for (const daemon of daemons) daemon.check();
    await wait(10);
  }
}
