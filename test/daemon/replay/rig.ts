/** What tests of replays share. */

import type { Daemon } from "../../../src/daemon/daemon.ts";
import type { ReplayStatus } from "../../../src/daemon/replay/stored.ts";
import { CallsheetError } from "../../../src/errors.ts";
import { until } from "../rig.ts";

export const WHO = { by: "zoe@desk", why: "the tracker lost them" };

/** The replay, once it does not run any more. */
export async function ended(daemon: Pick<Daemon, "replays">, id: number): Promise<ReplayStatus> {
  let status = await daemon.replays.get(id);
  await until(
    async () => {
      status = await daemon.replays.get(id);
      return status.state !== "running";
    },
    () => `it still runs: ${JSON.stringify(status)}`,
  );
  return status;
}

export async function refusal(work: Promise<unknown>): Promise<CallsheetError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CallsheetError) return error;
  throw error ?? new Error("it was not refused");
}
