import type { Config } from "../../config-file.ts";
import type { Cluster } from "../../journal/journal.ts";
import { Allotment } from "./allotment.ts";
import { Copies, type CopiesParts } from "./copies.ts";
import { HandOver, type HandOverParts } from "./hand-over.ts";
import { Moved } from "./moved.ts";
import { Together } from "./together.ts";

export interface PlacementParts extends Pick<HandOverParts, "start" | "log"> {
  /** Of the plugins' files. */
  watch: Pick<CopiesParts, "look"> & Pick<HandOverParts, "changed">;
}

/** Which plugins this daemon of a cluster runs, and how they come and go; null for a daemon that is alone. */
export function openPlacement(
  cluster: Cluster | null,
  { cluster: said, order, shutdownTimeout: graceMs }: Pick<Config, "cluster" | "order" | "shutdownTimeout">,
  { watch, start, log }: PlacementParts,
): { allotment: Allotment; handOver: HandOver } | { allotment: null; handOver: null } {
  if (!cluster) return { allotment: null, handOver: null };
  const copies = new Copies({ cluster, look: (paths) => watch.look(paths), log });
  const moved = new Moved({ cluster, log });
  const together = order === "strict" ? new Together({ cluster, log }) : null;
  const allotment = new Allotment({ cluster, copies, moved, runsOn: said?.runsOn ?? {}, together });
  const changed: HandOverParts["changed"] = (modules) => watch.changed(modules);
  return { allotment, handOver: new HandOver({ cluster, allotment, start, changed, graceMs, log }) };
}
