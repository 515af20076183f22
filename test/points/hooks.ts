/** Loaded before the daemon (`node --import`), and before the guest in each of its threads: makes the points known to `hit`. */
import { isMainThread } from "node:worker_threads";
import { hit } from "./hit.ts";

// for the plugins
Object.assign(globalThis, { point: hit });
await import(isMainThread ? "./daemon-hooks.ts" : "./guest-hooks.ts");
