/** One webhook: what it wants, its queue, and the deliveries it made. */
import { setTimeout as pause } from "node:timers/promises";
import type { LoggedEvent } from "../events/log.ts";
import type { Throttle, WebhookLimits } from "./limits.ts";
import { type Message, messageOf, type Queued, statusDelivery } from "./payload.ts";

export interface WebhookOptions {
  /** Where deliveries are posted. */
  url: string;
  /** Signs the bodies; default: they are not signed. */
  secret?: string;
  /** The event types wanted; for changes, the fields, or null for any. Default: all events. */
  events?: Record<string, string[] | null>;
  /** Ids of the projects wanted. Default: all, and events without a project. */
  projects?: number[];
  /** Several events in one delivery, up to 50. Default false. */
  batched?: boolean;
}

export type WebhookStatus = "active" | "disabled" | "failed";

/** One event, or batch of events, that was sent. */
export interface DeliveryLog {
  delivery_id: string;
  event_types: string[];
  attempts: number;
  /** HTTP status of the last attempt; null when there was no answer. */
  status: number | null;
  /** The first 100 characters of the answer, or why there was none. */
  response: string;
  delivered: boolean;
}

export type Post = (
  url: string,
  message: Message,
  timeoutMs: number,
  signal: AbortSignal,
) => Promise<{ status: number; text: string }>;

interface Means {
  limits: WebhookLimits;
  throttle: Throttle;
  siteUrl: string;
  now: () => Date;
  post: Post;
}

const LOGGED = 500;
const BATCH = 50;
const RESPONSE_CHARACTERS = 100;
const DAY_MS = 86_400_000;

export class Webhook {
  readonly id: string;
  readonly options: Readonly<WebhookOptions>;
  status: WebhookStatus = "active";
  /** The newest 500, oldest first. */
  readonly deliveries: DeliveryLog[] = [];
  readonly #means: Means;
  readonly #end = new AbortController();
  #queue: Queued[] = [];
  #failures: number[] = [];
  #running: Promise<void> | null = null;

  constructor(id: string, options: WebhookOptions, means: Means) {
    this.id = id;
    this.options = options;
    this.#means = means;
  }

  /** A new row's own values are not told: only that it is new (protocol notes 10.4). */
  wants(event: LoggedEvent): boolean {
    const { events, projects } = this.options;
    if (this.status !== "active" || event.meta?.in_create === true) return false;
    if (projects && !(event.project && projects.includes(event.project.id))) return false;
    if (!events) return true;
    const type = event.event_type ?? "";
    if (!Object.hasOwn(events, type)) return false;
    return !events[type] || events[type].includes(event.attribute_name ?? "");
  }

  add(queued: Queued[]): void {
    this.#queue.push(...queued);
    this.#running ??= this.#run();
  }

  /** Tells the webhook itself; what is queued for one that is switched off is forgotten. */
  setStatus(status: WebhookStatus, reason: string): void {
    if (status === this.status) return;
    const told = statusDelivery(this.status, status, reason, this.#means.now());
    this.status = status;
    this.#failures = [];
    if (status !== "active") this.#queue = [];
    this.add([told]);
  }

  /** Resolves once the queue is empty. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async close(): Promise<void> {
    this.#queue = [];
    this.#end.abort();
    await this.idle();
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#end.signal.aborted) {
        await this.#deliver(this.#queue.splice(0, this.#fitting()));
      }
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    } finally {
      this.#running = null;
    }
  }

  /** How many of the waiting events go into the next delivery: a batch is as large as one event may be. */
  #fitting(): number {
    if (!this.options.batched) return 1;
    let bytes = 0;
    const end = this.#queue.findIndex((queued, at) => {
      bytes += queued.bytes;
      return at === BATCH || (at > 0 && bytes > this.#means.limits.bodyBytes);
    });
    return end < 0 ? this.#queue.length : end;
  }

  async #deliver(queued: Queued[]): Promise<void> {
    const { siteUrl, now, limits } = this.#means;
    const { secret = null, batched = false } = this.options;
    const message = messageOf(queued, { id: this.id, secret, batched }, siteUrl, now());
    const log: DeliveryLog = {
      delivery_id: queued[0]!.delivery.delivery_id,
      event_types: queued.map(({ delivery }) => delivery.event_type),
      attempts: 0,
      status: null,
      response: "",
      delivered: false,
    };
    const aboutItself = queued[0]!.delivery.id === "0";
    const pauses = aboutItself ? [] : limits.retryMs;
    for (const wait of [0, ...pauses]) {
      if (wait) await pause(wait, undefined, { signal: this.#end.signal });
      await this.#attempt(message, queued.length, log);
      if (log.delivered) break;
      if (this.status !== "active") break;
    }
    this.deliveries.push(log);
    if (this.deliveries.length > LOGGED) this.deliveries.shift();
    if (!log.delivered && !aboutItself) this.#failed();
  }

  async #attempt(message: Message, events: number, log: DeliveryLog): Promise<void> {
    const { limits, throttle, post } = this.#means;
    await throttle.ready(this.#end.signal);
    const timeoutMs = Math.max(limits.timeoutMs, limits.timeoutEachMs * events);
    const began = performance.now();
    log.attempts += 1;
    try {
      const { status, text } = await post(this.options.url, message, timeoutMs, this.#end.signal);
      log.status = status;
      log.response = text.slice(0, RESPONSE_CHARACTERS);
      log.delivered = status < 400;
    } catch (error) {
      if (this.#end.signal.aborted) throw error;
      log.status = null;
      log.response = (error instanceof Error ? error.message : String(error)).slice(0, RESPONSE_CHARACTERS);
    } finally {
      throttle.spend(performance.now() - began);
    }
  }

  #failed(): void {
    const now = this.#means.now().getTime();
    this.#failures = [...this.#failures.filter((at) => now - at < DAY_MS), now];
    const { failures } = this.#means.limits;
    if (this.status === "active" && this.#failures.length >= failures)
      this.setStatus("failed", `${failures} deliveries failed within 24 hours.`);
  }
}
