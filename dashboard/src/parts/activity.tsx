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
  elsewhere: "idle",
  unplaced: "warn",
  stopped: "idle",
};

export const toneOf = ({ activity, gone }: { activity: Activity; gone: boolean }): string =>
  gone ? "idle" : TONES[activity];

/** @param gone its file is: whatever it was at when it went */
export function ActivityMark({ activity, gone }: { activity: Activity; gone: boolean }) {
  return <span class={`mark ${toneOf({ activity, gone })}`}>{gone ? "gone" : activity}</span>;
}

/** Worst first. */
export const byTrouble: readonly Activity[] = [
  "failed",
  "unloadable",
  "waiting",
  "unplaced",
  "restarting",
  "retrying",
  "paused",
  "loading",
  "running",
  "idle",
  "elsewhere",
  "helper",
  "stopped",
];
