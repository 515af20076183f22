/** The machine that a daemon runs on: versions, disk, the kind of file system under the state, the clock. */
import { existsSync, statfsSync } from "node:fs";
import { platform, release } from "node:os";
import { dirname } from "node:path";
import type { Config } from "../config-file.ts";
import { asError } from "../errors.ts";
import type { Finding } from "./check.ts";

/** File systems on which locks and fsync are not to be trusted, by their number in Linux. */
const NETWORK: Record<number, string> = {
  26985: "NFS",
  20859: "SMB",
  4283649346: "CIFS",
  4266872130: "SMB2",
  1702057286: "FUSE",
  16914839: "9P",
  198183888: "Lustre",
  428016422: "BeeGFS",
  1196443219: "GPFS",
  12805120: "Ceph",
  1397113167: "AFS",
  2866260714: "PanFS",
  1952539503: "OCFS2",
  18225520: "GFS2",
};
const MOST_CLOCK_MS = 10_000;
const CLOCK_PATIENCE_MS = 10_000;

export async function checkMachine(config: Config, version: string): Promise<Finding[]> {
  const versions = `Callsheet ${version}, Node.js ${process.versions.node}, ${platform()} ${release()}`;
  return [
    { status: "ok", what: "versions", detail: versions, cure: null },
    checkDisk(config),
    await checkClock(config),
  ];
}

/** Its name when a file system is one of the network's, or may be; by the type that `statfs` tells. */
export function networkFileSystem(type: number): string | null {
  return (platform() === "linux" && NETWORK[type]) || null;
}

/** With less than this a state cannot even be begun. */
const FULL_BYTES = 2e6;

function checkDisk({ state, alerts: { diskFreeLimit } }: Config): Finding {
  const what = "disk";
  let folder = state;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    const { type, bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const size = free < 1e9 ? `${Math.floor(free / 1e6)} MB` : `${(free / 1e9).toFixed(1)} GB`;
    const room = `${size} free under ${folder}`;
    if (free < FULL_BYTES) {
      const cure = "Make room: the daemon can store no event, and does not start.";
      return { status: "fail", what, detail: `the disk is full: ${room}`, cure };
    }
    const network = networkFileSystem(type);
    if (network !== null) {
      const cure = "Name a folder on a local disk as `state`: locks do not hold on a network file system.";
      return { status: "warn", what, detail: `${room}, on ${network}`, cure };
    }
    if (diskFreeLimit === false || free >= diskFreeLimit)
      return { status: "ok", what, detail: room, cure: null };
    return { status: "warn", what, detail: room, cure: "Make room, or lower retention.maxSize." };
  } catch (error) {
    return {
      status: "warn",
      what,
      detail: `${folder} cannot be looked at: ${asError(error).message}`,
      cure: null,
    };
  }
}

/** By the Date header of the site, which is exact to a second. */
async function checkClock({ site }: Config): Promise<Finding> {
  const what = "clock";
  if (site.httpProxy !== undefined)
    return {
      status: "ok",
      what,
      detail: "not compared with the site's, which is behind a proxy",
      cure: null,
    };
  try {
    const asked = Date.now();
    const reply = await fetch(site.url, { method: "HEAD", signal: AbortSignal.timeout(CLOCK_PATIENCE_MS) });
    const theirs = Date.parse(reply.headers.get("date") ?? "");
    if (Number.isNaN(theirs))
      return { status: "ok", what, detail: "the site does not tell its time", cure: null };
    const apart = Math.abs((asked + Date.now()) / 2 - theirs);
    const detail = `${(apart / 1000).toFixed(0)} s from the site's`;
    if (apart <= MOST_CLOCK_MS) return { status: "ok", what, detail, cure: null };
    return {
      status: "warn",
      what,
      detail,
      cure: "Set the clock by a time server: ages and times shown are off by that much.",
    };
  } catch {
    return { status: "warn", what, detail: "not compared: the site cannot be reached", cure: null };
  }
}
