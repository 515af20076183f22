/** Carries out the faults that were ordered, on one request. */
import { setTimeout as pause } from "node:timers/promises";
import type { Fault } from "../fault-kinds.ts";
import type { Hit } from "../faults.ts";
import type { Exchange } from "./exchange.ts";

/** Produces the right answer; what the request asks for happens when it is called. */
export type Answer = () => string | Promise<string>;

const MAINTENANCE = "<html><body><h1>Down for maintenance</h1></body></html>\n";
const LOG_IN = '<html><body><form action="/user/login"><h1>Please log in</h1></form></body></html>\n';

/** Ends the exchange in the way the fault says. */
export async function misbehave(exchange: Exchange, hit: Hit, answer: Answer): Promise<void> {
  const { fault } = hit;
  if ("applied" in fault && fault.applied) await answer();
  switch (fault.kind) {
    case "reset":
      return reset(exchange);
    case "closed":
      exchange.request.socket.destroySoon();
      return;
    case "hang":
      return hang(exchange, hit, answer);
    case "slow":
      return slow(exchange, fault, answer);
    case "truncated":
      return truncated(exchange, fault.bytes, await answer());
    case "drop_idle":
      exchange.response.once("finish", () => exchange.request.socket.destroySoon());
      return exchange.json(await answer());
    default:
      return wrongReply(exchange, fault);
  }
}

/** The peer sees ECONNRESET. */
export function reset(exchange: Exchange): void {
  exchange.request.socket.resetAndDestroy();
}

type WrongReply = Extract<Fault, { kind: "status" | "maintenance" | "html" | "wrong_json" | "broken_gzip" }>;

function wrongReply(exchange: Exchange, fault: WrongReply): Promise<void> {
  switch (fault.kind) {
    case "status":
      return exchange.send(
        fault.status,
        "text/html",
        `<h1>HTTP ${fault.status}</h1>\n`,
        retryAfter(fault.retryAfter),
      );
    case "maintenance":
      return exchange.send(503, "text/html", MAINTENANCE, retryAfter(fault.retryAfter));
    case "html":
      return exchange.send(200, "text/html; charset=utf-8", LOG_IN);
    case "wrong_json":
      return exchange.json('{"results":{"entities":[{"type":"Shot","id":');
    case "broken_gzip":
      return exchange.send(200, "application/json", "this is not gzip", { "content-encoding": "gzip" });
  }
}

function retryAfter(seconds: number | undefined): Record<string, number> {
  return seconds === undefined ? {} : { "retry-after": seconds };
}

async function hang(exchange: Exchange, hit: Hit, answer: Answer): Promise<void> {
  const left = new Promise<void>((resolve) => exchange.gone.addEventListener("abort", () => resolve()));
  await Promise.race([hit.ended, left]);
  if (!exchange.gone.aborted) await exchange.json(await answer());
}

async function slow(
  exchange: Exchange,
  fault: Extract<Fault, { kind: "slow" }>,
  answer: Answer,
): Promise<void> {
  const body = Buffer.from(await answer());
  const { response, gone } = exchange;
  try {
    await pause(fault.ms, undefined, { signal: gone });
    if (fault.chunkMs === undefined) return await exchange.json(body.toString());
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    for (let at = 0; at < body.length; at += fault.chunkBytes) {
      response.write(body.subarray(at, at + fault.chunkBytes));
      await pause(fault.chunkMs, undefined, { signal: gone });
    }
    response.end();
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

function truncated(exchange: Exchange, bytes: number | undefined, text: string): void {
  const body = Buffer.from(text);
  const part = body.subarray(0, Math.min(bytes ?? body.length >> 1, body.length - 1));
  const { request, response } = exchange;
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.flushHeaders();
  response.write(part, () => request.socket.destroySoon());
}
