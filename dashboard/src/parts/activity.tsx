/** What a plugin is doing, in a word and a colour that says the same. */
import type { Activity } from "../api/shapes.ts";

const TONES: Record<Activity, string> = {
  running: "good",
  loading: "idle",
  retrying: "warn",
  restarting: "warn",
  failed: "bad",
  unloadable: "bad",
  paused: "warn",
  waiting: "bad",
  idle: "idle",
  helper: "idle",
  stopped: "idle",
};

export function ActivityMark({ activity }: { activity: Activity }) {
  return <span class={`mark ${TONES[activity]}`}>{activity}</span>;
}

/** Worst first. */
export const byTrouble: readonly Activity[] = [
  "failed",
  "unloadable",
  "waiting",
  "restarting",
  "retrying",
  "paused",
  "loading",
  "running",
  "idle",
  "helper",
  "stopped",
];
