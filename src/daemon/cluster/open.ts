import type { Config } from "../../config-file.ts";
import type { Cluster } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { Allotment } from "./allotment.ts";
import { Copies, type CopiesParts } from "./copies.ts";

/** null for a daemon that is alone. */
export function openAllotment(
  cluster: Cluster | null,
  { cluster: said, order }: Pick<Config, "cluster" | "order">,
  { look, log }: { look: CopiesParts["look"]; log: Log },
): Allotment | null {
  if (!cluster) return null;
  const copies = new Copies({ cluster, look, log });
  return new Allotment({ cluster, copies, runsOn: said?.runsOn ?? {}, together: order === "strict" });
}
