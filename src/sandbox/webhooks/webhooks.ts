/** The webhooks of a site: what is committed to its event log is posted to those that want it (protocol notes 10). */
import { randomUUID } from "node:crypto";
import { Agent, request } from "undici";
import { CallsheetError } from "../../errors.ts";
import type { LoggedEvent } from "../events/log.ts";
import { defaultLimits, Throttle, type WebhookLimits } from "./limits.ts";
import { queuedOf } from "./payload.ts";
import { type Post, Webhook, type WebhookOptions } from "./webhook.ts";

export interface WebhooksOptions {
  /** Deliver to other machines too. Default false: to this one only. */
  anyHost?: boolean;
  limits?: Partial<WebhookLimits>;
}

/** Where events come from: each call of the listener is one transaction. */
export interface EventSource {
  onCommit(listener: (events: LoggedEvent[]) => void): () => void;
}

/** Acknowledgements are short (protocol notes 10.3). */
const ANSWER_BYTES = 4096;

export class Webhooks {
  readonly #hooks = new Map<string, Webhook>();
  readonly #anyHost: boolean;
  readonly #limits: WebhookLimits;
  readonly #throttle: Throttle;
  readonly #agent = new Agent();
  readonly #site: { url: string; now: () => Date; events: EventSource };
  #stop: (() => void) | null = null;

  constructor(
    site: { url: string; now: () => Date; events: EventSource },
    { anyHost = false, limits = {} }: WebhooksOptions = {},
  ) {
    this.#site = site;
    this.#anyHost = anyHost;
    this.#limits = { ...defaultLimits, ...limits };
    this.#throttle = new Throttle(this.#limits);
  }

  /**
   * Delivers events that are committed from now on.
   * @throws CallsheetError USAGE for a URL that deliveries may not go to
   */
  register(options: WebhookOptions): Webhook {
    this.#checkUrl(options.url);
    const { url, now } = this.#site;
    const hook = new Webhook(randomUUID(), options, {
      limits: this.#limits,
      throttle: this.#throttle,
      siteUrl: url,
      now,
      post: this.#post,
    });
    this.#hooks.set(hook.id, hook);
    this.#stop ??= this.#site.events.onCommit((events) => this.#dispatch(events));
    return hook;
  }

  /** In the order of registering. */
  list(): Webhook[] {
    return [...this.#hooks.values()];
  }

  /** @throws CallsheetError USAGE when there is no such webhook */
  get(id: string): Webhook {
    const hook = this.#hooks.get(id);
    if (hook) return hook;
    throw new CallsheetError("USAGE", `There is no webhook ${id}.`);
  }

  /** Forgets a webhook; its delivery under way is cut off. */
  async remove(id: string): Promise<void> {
    const hook = this.get(id);
    this.#hooks.delete(id);
    await hook.close();
  }

  /** Resolves once everything has been delivered, or given up. */
  async idle(): Promise<void> {
    await Promise.all(this.list().map((hook) => hook.idle()));
  }

  async close(): Promise<void> {
    this.#stop?.();
    await Promise.all(this.list().map((hook) => hook.close()));
    await this.#agent.destroy();
  }

  #dispatch(events: LoggedEvent[]): void {
    for (const hook of this.#hooks.values()) {
      const wanted = events.filter((event) => hook.wants(event));
      const id = randomUUID();
      const queued = wanted.map((event, index) =>
        queuedOf(event, { id, size: wanted.length, index }, this.#limits.bodyBytes),
      );
      if (queued.length > 0) hook.add(queued);
    }
  }

  readonly #post: Post = async (url, { headers, body }, timeoutMs, end) => {
    const signal = AbortSignal.any([end, AbortSignal.timeout(timeoutMs)]);
    const response = await request(url, { method: "POST", headers, body, signal, dispatcher: this.#agent });
    return { status: response.statusCode, text: await beginningOf(response.body) };
  };

  #checkUrl(text: string): void {
    const url = URL.parse(text);
    if (!url || !(url.protocol === "http:" || url.protocol === "https:"))
      throw new CallsheetError("USAGE", `A webhook needs an http or https URL, got ${JSON.stringify(text)}.`);
    if (!this.#anyHost && !isThisMachine(url.hostname))
      throw new CallsheetError("USAGE", `Webhooks go to this machine only, not to ${url.hostname}.`, {
        hint: "Use a 127.0.0.1 address, or open the sandbox with webhooks: { anyHost: true }.",
      });
  }
}

/** What is worth keeping of an answer; the rest is not waited for. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
