/**
 * `POST /sandbox/control`: the sandbox's controls over HTTP, for a sandbox that runs in another process.
 *
 * Answered on the loopback interface only, with the header `authorization: Bearer <script key>`. The body is one JSON
 * object with `do`, the answer one JSON object: HTTP 200, or 400 with `error`, one sentence.
 *
 * | `do` | further keys | answer |
 * | --- | --- | --- |
 * | `status` | | `requests`, `faults`, `newest_id` |
 * | `fault` | `order`: as for `sandbox.faults.next` | `id` |
 * | `chaos` | `order`: as for `sandbox.faults.chaos` | `id` |
 * | `end` | `id?`: of a fault; default all | `ended` |
 * | `drop_idle` | | `dropped` |
 * | `skip_ids` | `count` | `newest_id` |
 * | `reserve` | `count` | `id`, `first`, `last` |
 * | `commit` | `id` of a reservation, `rows?` | `newest_id` |
 * | `hold_next` | | `id` |
 * | `release` | `id` of a held transaction | `newest_id` |
 * | `abandon` | `id` of a reservation or a held transaction | `newest_id` |
 * | `add` | `rows` | `newest_id` |
 * | `restore` | `last_id` | `newest_id` |
 * | `webhook` | `url`, `secret?`, `events?`, `projects?`, `batched?` | `id` |
 * | `webhooks` | | `webhooks`, each with its `deliveries` |
 * | `webhook_status` | `id`, `status`: `active` or `disabled` | `id`, `status` |
 * | `webhook_remove` | `id` | `removed` |
 * | `settle_thumbnails` | | `newest_id` |
 * | `deny` | `script` or `login`, `rules`: as for `deny` of a script | `denied` |
 * | `settings` | `uploads?`, `authentication?`, `thumbnail_ms?` | the settings |
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { CallsheetError } from "../../errors.ts";
import { SiteFault } from "../fault.ts";
import type { ChaosOrder, FaultOrder } from "../fault-kinds.ts";
import type { Faults } from "../faults.ts";
import type { SiteFiles } from "../files/site-files.ts";
import type { Settings } from "../settings.ts";
import type { EventControls, Hold, Reserved } from "../site.ts";
import { changeWebhooks, webhookCommands } from "../webhooks/commands.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { Exchange } from "./exchange.ts";
import type { Requests } from "./requests.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const id = z.int();
const name = z.string().optional();
const count = z.int().min(1).max(10_000_000_000);
const rows = z.array(z.record(z.string(), z.unknown())).max(1_000_000);
const order = z.record(z.string(), z.unknown());

const commands = z.discriminatedUnion("do", [
  z.strictObject({ do: z.literal("status") }),
  z.strictObject({ do: z.literal("fault"), order }),
  z.strictObject({ do: z.literal("chaos"), order }),
  z.strictObject({ do: z.literal("end"), id: id.optional() }),
  z.strictObject({ do: z.literal("drop_idle") }),
  z.strictObject({ do: z.literal("skip_ids"), count }),
  z.strictObject({ do: z.literal("reserve"), count }),
  z.strictObject({ do: z.literal("commit"), id, rows: rows.optional() }),
  z.strictObject({ do: z.literal("hold_next") }),
  z.strictObject({ do: z.literal("release"), id }),
  z.strictObject({ do: z.literal("abandon"), id }),
  z.strictObject({ do: z.literal("add"), rows }),
  z.strictObject({ do: z.literal("settle_thumbnails") }),
  z.strictObject({
    do: z.literal("settings"),
    uploads: z.enum(["direct", "cloud"]).optional(),
    authentication: z.enum(["default", "saml2", "oxygen"]).optional(),
    thumbnail_ms: z.int().min(0).max(86_400_000).optional(),
  }),
  z.strictObject({ do: z.literal("deny"), script: name, login: name, rules: z.array(z.string()) }),
  z.strictObject({ do: z.literal("restore"), last_id: z.int().min(0) }),
  ...webhookCommands,
]);

type Command = z.output<typeof commands>;
type NewRows = Parameters<EventControls["add"]>[0];

export interface Controlled {
  scriptKey: string;
  faults: Faults;
  requests: Requests;
  webhooks: Webhooks;
  events: EventControls;
  files: SiteFiles;
  settings: Settings;
  /** As `Site.deny`. */
  deny(who: { script: string } | { login: string }, rules: string[]): void;
}

/** One sandbox's control endpoint; remembers what was reserved and held. */
export class ControlDesk {
  readonly #sandbox: Controlled;
  readonly #reserved = new Map<number, Reserved>();
  readonly #held = new Map<number, Hold>();
  #lastId = 0;

  constructor(sandbox: Controlled) {
    this.#sandbox = sandbox;
  }

  async answer(exchange: Exchange): Promise<void> {
    const body = await exchange.body(MAX_BODY_BYTES);
    if (!exchange.fromLoopback)
      return reply(exchange, 403, { error: "The controls answer on the loopback interface only." });
    if (!sameText(exchange.request.headers.authorization ?? "", `Bearer ${this.#sandbox.scriptKey}`))
      return reply(exchange, 401, { error: "Send the header authorization: Bearer <script key>." });
    try {
      return await reply(exchange, 200, await this.#carryOut(parseCommand(body)));
    } catch (error) {
      if (!(error instanceof CallsheetError || error instanceof SiteFault || error instanceof RangeError))
        throw error;
      return reply(exchange, 400, { error: error.message });
    }
  }

  #carryOut(command: Command): object | Promise<object> {
    const { faults, requests, events } = this.#sandbox;
    switch (command.do) {
      case "status":
        return { requests, faults: faults.list(), newest_id: events.newestId };
      case "fault":
        return { id: faults.next(command.order as unknown as FaultOrder).id };
      case "chaos":
        return { id: faults.chaos(command.order as unknown as ChaosOrder).id };
      case "end":
        return { ended: faults.end(command.id) };
      case "drop_idle":
        return { dropped: faults.dropIdle() };
      case "webhook":
      case "webhooks":
      case "webhook_status":
      case "webhook_remove":
        return changeWebhooks(this.#sandbox.webhooks, command);
      case "deny":
        return this.#deny(command);
      case "settings":
        return this.#changeSettings(command);
      default:
        return this.#changeEvents(command, events) ?? { newest_id: events.newestId };
    }
  }

  #deny({ script, login, rules }: Extract<Command, { do: "deny" }>): object {
    if ((script === undefined) === (login === undefined))
      throw new CallsheetError("USAGE", "deny needs either script or login.");
    this.#sandbox.deny(script === undefined ? { login: login! } : { script }, rules);
    return { denied: rules.length };
  }

  #changeSettings(command: Extract<Command, { do: "settings" }>): object {
    const { settings } = this.#sandbox;
    settings.uploads = command.uploads ?? settings.uploads;
    settings.authentication = command.authentication ?? settings.authentication;
    settings.thumbnailMs = command.thumbnail_ms ?? settings.thumbnailMs;
    const { uploads, authentication, thumbnailMs: thumbnail_ms } = settings;
    return { uploads, authentication, thumbnail_ms };
  }

  #changeEvents(command: Command, events: EventControls): object | undefined {
    switch (command.do) {
      case "reserve": {
        const reservation = events.reserve(command.count);
        return {
          id: this.#keep(this.#reserved, reservation),
          first: reservation.first,
          last: reservation.last,
        };
      }
      case "hold_next":
        return { id: this.#keep(this.#held, events.holdNext()) };
      case "skip_ids":
        events.skipIds(command.count);
        return;
      case "commit":
        give(this.#reserved, command.id, "reservation").commit(command.rows as NewRows | undefined);
        return;
      case "release":
        give(this.#held, command.id, "held transaction").release();
        return;
      case "abandon":
        if (this.#reserved.has(command.id)) give(this.#reserved, command.id, "reservation").abandon();
        else give(this.#held, command.id, "held transaction").abandon();
        return;
      case "add":
        events.add(command.rows as unknown as NewRows);
        return;
      case "settle_thumbnails":
        this.#sandbox.files.settleThumbnails();
        return;
      case "restore":
        events.restoreTo(command.last_id);
        return;
    }
  }

  #keep<T>(shelf: Map<number, T>, item: T): number {
    this.#lastId += 1;
    shelf.set(this.#lastId, item);
    return this.#lastId;
  }
}

/** Takes the item off the shelf: each is used once. */
function give<T>(shelf: Map<number, T>, key: number, name: string): T {
  const item = shelf.get(key);
  if (item === undefined) throw new CallsheetError("USAGE", `There is no ${name} ${key} any more.`);
  shelf.delete(key);
  return item;
}

function parseCommand(body: Buffer | null): Command {
  if (!body) throw new CallsheetError("USAGE", `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new CallsheetError("USAGE", "The body is not valid JSON.");
  }
  const result = commands.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const known = commands.options.map((option) => option.shape.do.value).join(", ");
  const where = issue.path.join(".") || "the body";
  throw new CallsheetError("USAGE", `${where}: ${issue.message}. "do" is one of ${known}.`);
}

// Digests have one length, so the comparison tells nothing about the key.
function sameText(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function reply(exchange: Exchange, status: number, value: object): Promise<void> {
  return exchange.send(status, "application/json; charset=utf-8", `${JSON.stringify(value)}\n`);
}
