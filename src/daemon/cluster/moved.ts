/**
 * Plugins of this host whose lane the cluster knows by another path: their folder was renamed, or is at another place here. Such a lane
 * is taken only when nobody has it: whoever runs it has its file, and may be in the middle of an event.
 */
import type { Cluster, LaneLease, LaneRecord } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import type { PluginFile } from "../host.ts";

export interface MovedParts {
  cluster: Cluster;
  log: Log;
}

export class Moved {
  readonly #parts: MovedParts;
  /** Path here → the lane that is waited for, and the path that it had then. */
  readonly #lanes = new Map<string, Pick<LaneRecord, "id" | "path">>();

  constructor(parts: MovedParts) {
    this.#parts = parts;
  }

  /** Whether this daemon may take the lane that a file goes on with, as it was found. If not, that is told, and `laneOf` knows it. */
  mayTake(file: Pick<PluginFile, "path" | "name">, { id, path }: Pick<LaneRecord, "id" | "path">): boolean {
    const lease = this.#lane(id);
    if (lease?.free) {
      this.#lanes.delete(file.path);
      return true;
    }
    const known = this.#lanes.get(file.path);
    this.#lanes.set(file.path, { id, path });
    if (known?.id !== id || known.path !== path) this.#tell(file, path, lease);
    return false;
  }

  /** The lane that a file waits for; undefined: none is known, or it has another path by now, and has to be found anew. */
  laneOf(path: string): LaneLease | undefined {
    const known = this.#lanes.get(path);
    const lane = known && this.#lane(known.id);
    return lane?.path === known?.path ? lane : undefined;
  }

  /** Where this host has the file of a lane; null: at the path that the lane has, or nowhere, as far as is known. */
  hereOf(lane: Pick<LaneLease, "id">): string | null {
    const paths = [...this.#lanes.keys()];
    return paths.find((path) => this.laneOf(path)?.id === lane.id) ?? null;
  }

  #lane(id: string): LaneLease | undefined {
    return this.#parts.cluster.view?.lanes.find((lane) => lane.id === id);
  }

  #tell({ path: here, name }: Pick<PluginFile, "path" | "name">, path: string, lease?: LaneLease): void {
    const { cluster, log } = this.#parts;
    const host = cluster.view?.hosts.find(({ id }) => id === lease?.owner)?.name ?? "another host";
    log.warn(
      `${name} is at ${here} on this machine, and ${host} runs it from ${path}: this one does not take it over while another has it. ` +
        "The plugin folders have to be at the same path on every host.",
      { plugin: name, file: here, code: "PLUGIN_COPY" },
    );
  }
}
