/** The requests that a python process makes to the site, on the daemon's connections. */
import type { Transport } from "../../client/transport.ts";
import type { FromGuest } from "../messages.ts";
import { GuestRequests } from "../requests.ts";
import { Pieces } from "./pieces.ts";

/** What a guest asks about its requests. */
export type RequestMessage =
  | Extract<FromGuest, { type: "request" | "abort" }>
  /** Asks for the next piece of a reply. */
  | { type: "pull"; id: number };

/** Each request goes the way of the plugin whose code is running, where it has one of its own. */
export function byWays(site: Transport, way: () => Transport | undefined): Transport {
  const { stream } = site;
  return {
    send: (request, options) => (way() ?? site).send(request, options),
    ...(stream && {
      stream: (request, options) => {
        const own = way();
        return own?.stream ? own.stream(request, options) : stream.call(site, request, options);
      },
    }),
    // it is the daemon's, and stays open
    close: async () => {},
  };
}

export class PythonRequests {
  readonly #requests: GuestRequests;
  readonly #pieces: Pieces;

  constructor(transport: Transport, send: (message: object, body?: Uint8Array) => void) {
    this.#pieces = new Pieces((id, outcome, piece) => send({ type: "reply", id, outcome }, piece));
    this.#requests = new GuestRequests(
      transport,
      (id, outcome) => {
        if (outcome.kind === "broken") return send({ type: "reply", id, outcome });
        const { body, ...reply } = outcome.reply;
        send({ type: "reply", id, outcome: { kind: "reply", reply } }, body);
      },
      (id, { reply: { body, ...reply } }) => {
        this.#pieces.hold(id, body);
        send({ type: "reply", id, outcome: { kind: "stream", reply } });
      },
    );
  }

  take(message: RequestMessage): void {
    if (message.type === "request") void this.#requests.send(message);
    else if (message.type === "pull") void this.#pieces.next(message.id);
    else this.#pieces.letGo(message.id);
  }

  close(): void {
    this.#requests.close();
    this.#pieces.close();
  }
}
