/** What a plugin can be doing. */
export const ACTIVITIES = [
  "loading",
  "running",
  // loaded, and it registered no callback; its events pass by
  "idle",
  "retrying",
  "restarting",
  "failed",
  "unloadable",
  // a file without registerCallbacks that never had any: most likely something that plugins import
  "helper",
  "paused",
  // its lease has run out: the journal cannot be reached
  "waiting",
  // another host of the cluster runs it, and how it does is not known at the moment
  "elsewhere",
  // no host of the cluster runs it at the moment
  "unplaced",
  "stopped",
] as const;

export type LaneActivity = (typeof ACTIVITIES)[number];
