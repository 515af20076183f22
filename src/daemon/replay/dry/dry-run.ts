/**
 * Stands between a plugin's host and the site: lets reads through, catches every write, answers it as the site would, and keeps what
 * would be different. On the wire, so that it is the same for every client, whatever language it is written in.
 */
import type { SendOptions, Transport, WireReply, WireRequest } from "../../../client/transport.ts";
import { stringifyExact } from "../../../json.ts";
import { redactor } from "../../../redact.ts";
import { type CaughtWrite, isObject } from "./caught.ts";
import { Pending } from "./pending.ts";
import {
  isReading,
  jsonReply,
  readRequest,
  resultsOf,
  type SiteCall,
  secretsOf,
  storedReply,
} from "./request.ts";
import { takeForm } from "./uploads.ts";
import { carryOut, type Told } from "./writes.ts";

export interface DryRunParts {
  /** Which call of a callback is going on; null between two. */
  inHand(): { eventId: number; callback: string } | null;
  /** Keeps one. */
  keep(eventId: number, write: CaughtWrite): Promise<void>;
  /** Texts that must not be kept, besides the credentials of the requests themselves. */
  secrets: readonly string[];
}

/** Texts in what is kept are cut at this length. */
const LONGEST_TEXT = 2000;

export class DryRun {
  readonly #parts: DryRunParts;
  readonly #pending = new Pending();
  readonly #secrets: Set<string>;
  #eventId = 0;
  /** Writes are carried out one after the other, as they came. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: DryRunParts) {
    this.#parts = parts;
    this.#secrets = new Set(parts.secrets);
  }

  /** The way to the site for the host. */
  over(site: Transport): Transport {
    const { stream } = site;
    return {
      send: (request, options) => this.#send(site, request, options),
      ...(stream && {
        stream: async (request, options) => {
          if (readRequest(request).kind === "read") return stream.call(site, request, options);
          const { body, ...reply } = await this.#send(site, request, options);
          return { ...reply, body: ReadableStream.from([body]) };
        },
      }),
      // it is the daemon's, and stays open
      close: async () => {},
    };
  }

  #send(site: Transport, request: WireRequest, options: SendOptions): Promise<WireReply> {
    const asked = readRequest(request);
    if (asked.kind === "read") return site.send(request, options);
    if (asked.kind === "bytes") return Promise.resolve(storedReply());
    for (const secret of secretsOf(asked)) this.#secrets.add(secret);
    if (asked.kind === "call" && isReading(asked)) return this.#read(site, request, options, asked);
    return this.#inTurn(async () => {
      const at = this.#atEvent();
      if (asked.kind === "form") {
        const { reply, write } = takeForm(asked, new URL(request.url).origin, this.#pending);
        if (write) await this.#keep(write, at);
        return reply;
      }
      const { results, writes } = await carryOut({ site, request, options, call: asked }, this.#pending);
      for (const write of writes) await this.#keep(write, at);
      return jsonReply(results);
    });
  }

  async #read(
    site: Transport,
    request: WireRequest,
    options: SendOptions,
    call: SiteCall,
  ): Promise<WireReply> {
    // what was written before must be in what is read
    await this.#last.catch(() => {});
    this.#atEvent();
    if (call.method !== "read" || this.#pending.isEmpty) return site.send(request, options);
    const own = this.#pending.rows(call.payload);
    if (own) return jsonReply({ entities: own, paging_info: onePage(own.length) });
    const reply = await site.send(request, options);
    const results = resultsOf(reply);
    if (!isObject(results) || !Array.isArray(results.entities)) return reply;
    return jsonReply({ ...results, entities: this.#pending.over(results.entities) });
  }

  /** The event in hand; what was pending of another goes. */
  #atEvent(): { eventId: number; callback: string | null } {
    const inHand = this.#parts.inHand();
    if (inHand && inHand.eventId !== this.#eventId) {
      this.#eventId = inHand.eventId;
      this.#pending.clear();
    }
    return { eventId: this.#eventId, callback: inHand?.callback ?? null };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.catch(() => {}).then(work);
    this.#last = done;
    return done;
  }

  #keep(write: Told, { eventId, callback }: { eventId: number; callback: string | null }): Promise<void> {
    const clean = redactor([...this.#secrets])(shortened(write));
    return this.#parts.keep(eventId, { at: new Date().toISOString(), callback, ...clean });
  }
}

function shortened<T>(value: T): T {
  const text = stringifyExact(value);
  if (text.length <= LONGEST_TEXT) return value;
  return JSON.parse(text, (_key, item) =>
    typeof item === "string" && item.length > LONGEST_TEXT ? `${item.slice(0, LONGEST_TEXT)}…` : item,
  ) as T;
}

function onePage(entities: number): object {
  return { current_page: 1, page_count: 1, entity_count: entities, entities_per_page: Math.max(1, entities) };
}
