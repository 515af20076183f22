/** Which hosts may run a plugin, and which of them comes first: by label, by the files that they have, by rendezvous hashing. */
import type { Cluster, HostRecord, LaneLease } from "../../journal/journal.ts";
import type { PluginFile } from "../host.ts";
import { agreedOn, lacksFile, otherCopy } from "./agreement.ts";
import { ranked } from "./rendezvous.ts";

export interface RankingParts {
  cluster: Cluster;
  /** Label that a plugin's host needs, by the plugin's name. */
  runsOn: Readonly<Record<string, string>>;
  /** Keeps all plugins on one host: an order across plugins needs all their places. */
  together: boolean;
}

/** What of a plugin decides where it runs. */
export type Placed = Pick<PluginFile, "path" | "name">;

const TOGETHER = "";

export class Ranking {
  readonly #parts: RankingParts;

  constructor(parts: RankingParts) {
    this.#parts = parts;
  }

  /** Best first; those that may run it. */
  of(file: Placed, lease: LaneLease | undefined): HostRecord[] {
    const able = this.able(file, lease);
    const anew = lease && agreedOn(lease, able) !== null;
    const fit = lease
      ? able.filter((host) => (anew ? !lacksFile(host, lease) : !otherCopy(host, lease)))
      : able;
    return ranked(fit, this.#parts.together ? TOGETHER : file.path);
  }

  /** Those that may run it, whatever files they have. */
  able(file: Placed, lease: LaneLease | undefined): HostRecord[] {
    const { self } = this.#parts.cluster;
    const label = this.labelOf(file, lease);
    return this.#hosts.filter(
      ({ id, labels }) =>
        // whose lease has run out is not there any more, even if it was heard of a moment later
        !(lease?.free && id === lease.owner && id !== self.id) &&
        (label === undefined || labels.includes(label)),
    );
  }

  /** What the configuration says, or the plugin itself said when it was loaded. */
  labelOf({ name }: Placed, lease: LaneLease | undefined): string | undefined {
    const said = this.#parts.runsOn[name] ?? lease?.copy?.runsOn ?? undefined;
    // of files that were changed everywhere since nobody has asked yet
    return said === this.#parts.runsOn[name] || !agreedOn(lease!, this.#hosts) ? said : undefined;
  }

  /** Those that stay; this one as it is, not as it was seen. */
  get #hosts(): HostRecord[] {
    const { self, view } = this.#parts.cluster;
    return (view?.hosts ?? [])
      .filter(({ leaving }) => !leaving)
      .map((host) => (host.id === self.id ? { ...host, copies: self.copies } : host));
  }
}
