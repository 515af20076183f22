/** What a plugin writes to the site goes only while its lane is this daemon's. */
import type { Transport, WireRequest } from "../../client/transport.ts";
import { isReading, readRequest } from "../replay/dry/request.ts";

/** @param sure resolves when the lane is this daemon's for a while; rejects when it is another's */
export function fenced(site: Transport, sure: () => Promise<void>): Transport {
  const { stream } = site;
  const untilSure = async (request: WireRequest) => {
    if (writes(request)) await sure();
  };
  return {
    send: async (request, options) => {
      await untilSure(request);
      return site.send(request, options);
    },
    ...(stream && {
      stream: async (request, options) => {
        await untilSure(request);
        return stream.call(site, request, options);
      },
    }),
    // it is the daemon's, and stays open
    close: async () => {},
  };
}

function writes(request: WireRequest): boolean {
  const asked = readRequest(request);
  return asked.kind === "call" ? !isReading(asked) : asked.kind !== "read";
}
