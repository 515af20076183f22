/** `GET /` for people, and `POST /sandbox/page` for its buttons. Both answer on the loopback interface only. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { SiteFault } from "../fault.ts";
import type { Exchange } from "../server/exchange.ts";
import { Html } from "./html.ts";
import { STYLE } from "./style.ts";
import { type EventLine, pageOf, type TaskLine } from "./view.ts";

/** A call of the site on behalf of the sandbox's script. */
export type PageCall = (method: string, payload: object) => unknown;

type Fields = Record<string, unknown>;
interface Row extends Fields {
  id: number;
}
type Condition = [path: string, relation: string, ...values: unknown[]];
interface Named {
  type: string;
  id: number;
  name: string | null;
}

const COUNTED: [type: string, label: string][] = [
  ["Project", "projects"],
  ["Sequence", "sequences"],
  ["Shot", "shots"],
  ["Asset", "assets"],
  ["Task", "tasks"],
  ["Version", "versions"],
  ["Note", "notes"],
  ["HumanUser", "people"],
  ["EventLogEntry", "events"],
];
const NEXT: Record<string, string> = { wtg: "rdy", rdy: "ip", ip: "rev", rev: "fin", fin: "ip" };
/** Statuses of the tasks that are shown. */
const OPEN = ["rdy", "ip", "rev"];
const TASKS = 14;
const EVENTS = 22;
const MAX_BODY_BYTES = 4096;
const PAGE_HEADERS = {
  "content-security-policy": `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

export class PageDesk {
  readonly #call: PageCall;
  readonly #url: string;
  readonly #token = randomBytes(24).toString("base64url");

  constructor(call: PageCall, url: string) {
    this.#call = call;
    this.#url = url;
  }

  async show(exchange: Exchange): Promise<void> {
    if (!isOurs(exchange)) return this.#forbidden(exchange);
    const view = {
      url: this.#url,
      counts: COUNTED.map(([type, label]): [string, number] => [label, this.#count(type)]),
      tasks: this.#tasks(),
      events: this.#events(),
      token: this.#token,
    };
    const style = new Html(`<style>${STYLE}</style>`);
    return exchange.send(200, "text/html; charset=utf-8", pageOf(view, style).text, PAGE_HEADERS);
  }

  /** Does what a button says, then sends the reader back to the page. */
  async press(exchange: Exchange): Promise<void> {
    const body = await exchange.body(MAX_BODY_BYTES);
    const form = new URLSearchParams(body?.toString() ?? "");
    if (!isOurs(exchange) || !sameText(form.get("token") ?? "", this.#token))
      return this.#forbidden(exchange);
    const id = Number(form.get("task"));
    try {
      if (form.get("do") === "publish") this.#publish(id);
      else this.#moveOn(id);
    } catch (error) {
      if (!(error instanceof SiteFault)) throw error;
      return exchange.send(409, "text/plain; charset=utf-8", `${error.message}\n`);
    }
    return exchange.send(303, "text/plain; charset=utf-8", "Done.\n", { location: "/" });
  }

  #forbidden(exchange: Exchange): Promise<void> {
    const text = "The page answers on this machine only. Load it again, by its 127.0.0.1 address.\n";
    return exchange.send(403, "text/plain; charset=utf-8", text);
  }

  #moveOn(id: number): void {
    const task = this.#task(id);
    this.#call("update", { type: "Task", id, fields: fieldList({ sg_status_list: nextOf(task) }) });
  }

  #publish(id: number): void {
    const { project, entity, content } = this.#task(id) as Row & { project: Named; entity: Named | null };
    const taken = this.#find("Version", [["sg_task", "is", { type: "Task", id }]], ["id"], 500).length;
    const code = [entity?.name, content, `v${String(taken + 1).padStart(3, "0")}`].filter(Boolean).join("_");
    const fields = {
      project,
      code,
      entity,
      sg_task: { type: "Task", id },
      description: "Published by hand.",
    };
    this.#call("create", { type: "Version", fields: fieldList(fields), return_fields: ["id"] });
  }

  #task(id: number): Row {
    const [task] = this.#find(
      "Task",
      [["id", "is", id]],
      ["project", "entity", "content", "sg_status_list"],
      1,
    );
    if (!task) throw new SiteFault(104, "The task is gone.");
    return task;
  }

  #tasks(): TaskLine[] {
    const fields = ["content", "entity", "sg_status_list", "project"];
    const sorts = [{ field_name: "updated_at", direction: "desc" }];
    return this.#find("Task", [["sg_status_list", "in", ...OPEN]], fields, TASKS, sorts).map((task) => ({
      id: task.id,
      name: String(task.content),
      on: [task.entity, task.project]
        .map((link) => (link as Named | null)?.name ?? "")
        .filter(Boolean)
        .join(" · "),
      status: String(task.sg_status_list),
      next: nextOf(task),
    }));
  }

  #events(): EventLine[] {
    const fields = ["event_type", "attribute_name", "description", "created_at"];
    const sorts = [{ field_name: "id", direction: "desc" }];
    return this.#find("EventLogEntry", [], fields, EVENTS, sorts).map((event) => ({
      id: event.id,
      type: String(event.event_type ?? ""),
      attribute: event.attribute_name as string | null,
      description: String(event.description ?? ""),
      at: String(event.created_at),
    }));
  }

  #count(type: string): number {
    const summaries = [{ field: "id", type: "record_count" }];
    const reply = this.#call("summarize", { type, filters: group([]), summaries });
    return (reply as { summaries: { id: number } }).summaries.id;
  }

  #find(
    type: string,
    conditions: Condition[],
    return_fields: string[],
    limit: number,
    sorts: object[] = [],
  ): Row[] {
    const paging = { entities_per_page: limit, current_page: 1 };
    const filters = group(conditions);
    return (this.#call("read", { type, filters, return_fields, paging, sorts }) as { entities: Row[] })
      .entities;
  }
}

/** From this machine, under a name of this machine (a page elsewhere may have its name point here), from our own page. */
function isOurs({ fromLoopback, request }: Exchange): boolean {
  const { host = "", origin } = request.headers;
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  const named = name === "localhost" || name === "[::1]" || /^127(\.\d{1,3}){3}$/.test(name);
  return fromLoopback && named && (origin === undefined || origin === `http://${host}`);
}

function sameText(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function nextOf(task: Fields): string {
  return NEXT[String(task.sg_status_list)] ?? "ip";
}

function group(conditions: Condition[]): object {
  return {
    logical_operator: "and",
    conditions: conditions.map(([path, relation, ...values]) => ({ path, relation, values })),
  };
}

function fieldList(fields: Fields): { field_name: string; value: unknown }[] {
  return Object.entries(fields).map(([field_name, value]) => ({ field_name, value }));
}
