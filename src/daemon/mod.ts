/** The door `callsheet/daemon`: running a daemon from a program of one's own. */
export type { Config } from "../config-file.ts";
export { loadConfig } from "../config-file.ts";
export type { Log, LogFields } from "../log/log.ts";
export type { LaneActivity } from "./activities.ts";
export type { AuditRange, AuditReport, Difference } from "./audit.ts";
export type { Daemon } from "./daemon.ts";
export type { Happening, HappeningBody, RecentCall } from "./happenings.ts";
export type { CallbackInfo } from "./host.ts";
export type { LaneStatus } from "./lane-status.ts";
export type { ReaderStatus } from "./reader.ts";
export type { ContactStatus } from "./site-contact.ts";
export { startDaemon } from "./start.ts";
export type { DaemonStatus } from "./status.ts";
