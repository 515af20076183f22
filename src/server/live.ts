/**
 * Live updates, as server-sent events. What happens is gathered and told a few times a second to everybody at once, as one text that is
 * made once; nothing is gathered while nobody listens. A client that does not read is dropped, not waited for.
 */
import type { ServerResponse } from "node:http";
import type { z } from "zod";
import type { Answers } from "../daemon/answers/answers.ts";
import type { Daemon } from "../daemon/daemon.ts";
import type { Happening, RecentCall } from "../daemon/happenings.ts";
import { SAFE_HEADERS } from "./headers.ts";
import type { OtherRoute } from "./openapi.ts";
import { API } from "./route.ts";
import type { update } from "./shapes/live.ts";

/** What a message tells. */
export type Update = z.output<typeof update>;

export interface LiveParts {
  daemon: Pick<Daemon, "happenings" | "status">;
  answers: Answers;
  everyMs?: number;
}

const EVERY_MS = 500;
const HEARTBEAT_MS = 15_000;
const MOST_EVENTS = 50;
const MOST_HAPPENINGS = 200;
const RECENT_A_PLUGIN = 5;
/** A client with more than this unread is dropped. */
const MOST_UNREAD_BYTES = 1_000_000;
const MOST_CLIENTS = 500;

export const LIVE_ROUTE: OtherRoute = {
  method: "GET",
  path: `${API}/live`,
  summary: "Live updates, as server-sent events; docs/api.md says what each tells",
  replies: { 200: { description: "A stream that does not end.", type: "text/event-stream" } },
};

export class Live {
  readonly #parts: LiveParts;
  readonly #clients = new Set<ServerResponse>();
  #stopListening: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #appended = 0;
  #toldSeq = 0;
  #toldAt = 0;
  #number = 0;
  #happenings: Happening[] = [];
  /** By lane id. */
  readonly #recent = new Map<string, RecentCall[]>();
  /** By lane id: what was told last, to tell only changes. */
  #told = new Map<string, string>();
  dropped = 0;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Whether another client may come. */
  get hasRoom(): boolean {
    return this.#clients.size < MOST_CLIENTS;
  }

  /** Takes the connection over until it ends. */
  add(response: ServerResponse): void {
    response.writeHead(200, {
      ...SAFE_HEADERS,
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
    });
    response.write("retry: 2000\n\n");
    this.#clients.add(response);
    response.on("close", () => this.#remove(response));
    response.on("error", () => this.#remove(response));
    if (this.#clients.size === 1) this.#begin();
  }

  close(): void {
    for (const client of this.#clients) client.end();
    this.#clients.clear();
    this.#rest();
  }

  #begin(): void {
    this.#toldSeq = this.#parts.daemon.status().journal.lastSeq;
    this.#told = new Map();
    this.#stopListening = this.#parts.daemon.happenings.listen((happening) => this.#hear(happening));
    this.#timer = setInterval(() => void this.#tell(), this.#parts.everyMs ?? EVERY_MS).unref();
  }

  #rest(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#happenings = [];
    this.#recent.clear();
    this.#appended = 0;
  }

  #remove(client: ServerResponse): void {
    if (this.#clients.delete(client) && this.#clients.size === 0) this.#rest();
  }

  #hear(happening: Happening): void {
    if (happening.kind === "appended") this.#appended += happening.events;
    else if (happening.kind === "delivered") this.#delivered(happening);
    else if (this.#happenings.length < MOST_HAPPENINGS) this.#happenings.push(happening);
  }

  #delivered({ lane, recent }: Extract<Happening, { kind: "delivered" }>): void {
    const known = this.#recent.get(lane) ?? [];
    this.#recent.set(lane, [...known, ...recent].slice(-RECENT_A_PLUGIN));
  }

  async #tell(): Promise<void> {
    try {
      const update = await this.#update();
      const quiet = update.plugins.length + update.happenings.length + update.appended === 0;
      if (quiet && performance.now() - this.#toldAt < HEARTBEAT_MS) return;
      this.#toldAt = performance.now();
      this.#number += 1;
      this.#send(`id: ${this.#number}\nevent: update\ndata: ${JSON.stringify(update)}\n\n`);
    } catch {
      // the journal is being closed: the end of the connection tells the clients
    }
  }

  async #update(): Promise<Update> {
    const { journal, plugins } = this.#parts.daemon.status();
    const { lastSeq } = journal;
    const happenings = this.#happenings;
    const appended = this.#appended;
    this.#happenings = [];
    this.#appended = 0;
    const after = Math.max(this.#toldSeq, lastSeq - MOST_EVENTS);
    const query = { after, before: lastSeq + 1, limit: MOST_EVENTS };
    const events = lastSeq > after ? (await this.#parts.answers.list(query)).events : [];
    this.#toldSeq = lastSeq;
    const changed: Update["plugins"] = [];
    for (const { id, name, activity, doneSeq, backlog, calls, busyMs } of plugins) {
      const figures = { name, activity, doneSeq, backlog, calls, busyMs: Math.round(busyMs) };
      const text = JSON.stringify(figures);
      if (this.#told.get(id) === text) continue;
      this.#told.set(id, text);
      changed.push({ ...figures, recent: this.#recent.get(id) ?? [] });
    }
    this.#recent.clear();
    const at = new Date().toISOString();
    return { at, lastSeq, appended, events: events.toReversed(), plugins: changed, happenings };
  }

  #send(text: string): void {
    const bytes = Buffer.from(text);
    for (const client of this.#clients) {
      if (client.writableLength > MOST_UNREAD_BYTES) {
        this.dropped += 1;
        client.destroy();
      } else client.write(bytes);
    }
  }
}
