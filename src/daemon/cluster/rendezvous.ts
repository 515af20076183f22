/**
 * Which host is to run a plugin: rendezvous hashing. Every daemon comes to the same answer by itself, a host takes its share by its
 * weight, and when one comes or goes, nothing moves but what it takes or leaves.
 */
import { createHash } from "node:crypto";
import type { HostRecord } from "../../journal/journal.ts";

type Candidate = Pick<HostRecord, "id" | "name" | "weight">;

/** Best first. */
export function ranked<T extends Candidate>(hosts: readonly T[], key: string): T[] {
  return hosts
    .map((host) => ({ host, score: score(host, key) }))
    .sort((a, b) => b.score - a.score || (a.host.name < b.host.name ? -1 : 1))
    .map(({ host }) => host);
}

/** Weighted: −weight / ln(h), h evenly spread between 0 and 1 (Schindelhauer and Schomaker, 2005). */
function score({ name, weight }: Candidate, key: string): number {
  const hash = createHash("sha256").update(`${name}\0${key}`).digest();
  // 48 bits, never 0 and never 1
  const even = (hash.readUIntBE(0, 6) + 0.5) / 2 ** 48;
  return -weight / Math.log(even);
}
