import type { Dying } from "./messages.ts";

/** The last words of a host that held too much in buffers and the like. */
export function outOfMemory(bytes: number, limitBytes: number): Dying {
  const message = `it used ${megabytes(bytes)} of buffers, and its limit is ${megabytes(limitBytes)}`;
  return { code: "HOST_OUT_OF_MEMORY", message, error: null };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
