/** What a plugin writes to the site goes only while its lane is this daemon's. */
import type { SendOptions, Transport, TransportError, WireRequest } from "../../client/transport.ts";
import type { Lease } from "../../journal/journal.ts";
import { isReading, readRequest } from "../replay/dry/request.ts";

export function fenced(site: Transport, lease: Pick<Lease, "sure" | "sureUntil" | "ended">): Transport {
  const { stream } = site;
  // a request may wait for its turn after this, and the process may stand still
  const mayBegin = () => !lease.ended && performance.now() < lease.sureUntil;
  const whenSure = async <Reply>(
    request: WireRequest,
    options: SendOptions,
    send: (options: SendOptions) => Promise<Reply>,
  ): Promise<Reply> => {
    if (!writesToSite(request)) return send(options);
    for (;;) {
      await lease.sure();
      try {
        return await send({ ...options, mayBegin });
      } catch (error) {
        if (!wasWithheld(error)) throw error;
      }
    }
  };
  return {
    send: (request, options) => whenSure(request, options, (sure) => site.send(request, sure)),
    ...(stream && {
      stream: (request, options) => whenSure(request, options, (sure) => stream.call(site, request, sure)),
    }),
    // it is the daemon's, and stays open
    close: async () => {},
  };
}

export function writesToSite(request: WireRequest): boolean {
  const asked = readRequest(request);
  return asked.kind === "call" ? !isReading(asked) : asked.kind !== "read";
}

/** Nothing of it was sent. */
function wasWithheld(error: unknown): boolean {
  return (error as Partial<TransportError> | null)?.failure === "withheld";
}
