/** Reads V8 CPU profiles: how long a thread was in which part of the program. */
import { readFileSync } from "node:fs";

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string };
  children?: number[];
}

interface Profile {
  nodes: ProfileNode[];
  samples: number[];
  timeDeltas: number[];
}

/** A part, and what belongs to it: the first that matches `url function` of a frame, or of the nearest frame above that one matches. */
export type Parts = readonly (readonly [part: string, frame: RegExp])[];

/** Milliseconds by part. What no part claims is "the rest"; time in which the thread had nothing to do is left out. */
export function timeByPart(file: string, parts: Parts): Map<string, number> {
  const profile = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const partOf = partsOfNodes(profile.nodes, parts);
  const times = new Map<string, number>();
  for (const [i, id] of profile.samples.entries()) {
    const part = partOf.get(id);
    if (part) times.set(part, (times.get(part) ?? 0) + profile.timeDeltas[i]! / 1000);
  }
  return times;
}

function partsOfNodes(nodes: readonly ProfileNode[], parts: Parts): Map<number, string | null> {
  const found = new Map<number, string | null>();
  const children = new Map<number, string>();
  // a node stands after its parent
  for (const { id, callFrame, children: below = [] } of nodes) {
    const frame = `${callFrame.url} ${callFrame.functionName}`;
    const own = parts.find(([, pattern]) => pattern.test(frame))?.[0] ?? children.get(id) ?? "the rest";
    const isIdle = callFrame.functionName === "(idle)" || callFrame.functionName === "(program)";
    found.set(id, isIdle ? null : own);
    for (const child of below) children.set(child, own);
  }
  return found;
}
