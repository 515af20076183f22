/** A transport that every client of a process takes, for a plugin's host that must not reach the site in any other way. */
import type { Transport } from "./transport.ts";

let way: Transport | null = null;

/** From now on clients that bring no transport of their own use this one; closing them does not close it. */
export function useOneWay(transport: Transport): void {
  way = transport;
}

export function oneWay(): Transport | null {
  return way;
}
