/** Routes a request: the JSON-RPC endpoint, the sandbox's own controls, a page for people. */
import type { Faults } from "../faults.ts";
import type { SiteFiles } from "../files/site-files.ts";
import type { PageDesk } from "../page/desk.ts";
import { faultBody, MAX_BODY_BYTES, parseCall } from "./call.ts";
import type { GzipPolicy } from "./exchange.ts";
import { Exchange } from "./exchange.ts";
import { answerFiles } from "./file-door.ts";
import type { Handler } from "./listener.ts";
import { misbehave, reset } from "./misbehave.ts";
import type { Requests } from "./requests.ts";

export interface Served {
  /** Carries out one method call; resolves with the whole response body. */
  answer(method: string, params: unknown[]): string | Promise<string>;
  /** Carries out `POST /sandbox/control`. */
  control(exchange: Exchange): Promise<void>;
  page: PageDesk;
  files: SiteFiles;
  faults: Faults;
  requests: Requests;
  gzip: GzipPolicy;
  /** Told of bugs; the client gets a fault without details. */
  onBug(error: unknown): void;
}

const WELCOME = "Callsheet sandbox, a Flow Production Tracking site in a box. The API is POST /api3/json.\n";

export function handlerFor(served: Served): Handler {
  return (request, response) => {
    const exchange = new Exchange(request, response, served.gzip);
    route(served, exchange).catch((error: unknown) => giveUp(served, exchange, error));
  };
}

async function route(served: Served, exchange: Exchange): Promise<void> {
  const { method, url = "/" } = exchange.request;
  // The Python client lower-cases its site URL; whatever stands before /api3/json is a studio's own prefix.
  const path = url.split("?", 1)[0]!.toLowerCase();
  const isRpc = path.endsWith("/api3/json");
  if (isRpc && method === "POST") return rpc(served, exchange);
  if (path === "/sandbox/control" && method === "POST") return served.control(exchange);
  if (await answerFiles(served, exchange, path)) return;
  if (isRpc || path === "/sandbox/control")
    return exchange.send(405, "text/plain; charset=utf-8", "Only POST is understood here.\n", {
      allow: "POST",
    });
  if (path === "/sandbox/page" && method === "POST") return served.page.press(exchange);
  if (path === "/" && method === "GET" && /text\/html/.test(exchange.request.headers.accept ?? ""))
    return served.page.show(exchange);
  if (path === "/" && (method === "GET" || method === "HEAD"))
    return exchange.send(200, "text/plain; charset=utf-8", WELCOME);
  return exchange.send(404, "text/plain; charset=utf-8", "Not found. The API is POST /api3/json.\n");
}

async function rpc(served: Served, exchange: Exchange): Promise<void> {
  if (served.faults.take(null)) return reset(exchange);
  const call = parseCall(await exchange.body(MAX_BODY_BYTES), exchange.request.headers["content-encoding"]);
  const refused = "refused" in call;
  const hit = served.faults.take(
    refused ? served.requests.note(undefined, []) : served.requests.note(call.method, call.params),
  );
  const answer = () => (refused ? faultBody(call.refused) : carryOut(served, call.method, call.params));
  return hit ? misbehave(exchange, hit, answer) : exchange.json(await answer());
}

async function carryOut(served: Served, method: string, params: unknown[]): Promise<string> {
  try {
    return await served.answer(method, params);
  } catch (error) {
    served.onBug(error);
    return faultBody("Internal error of the sandbox; see its own log.", 104);
  }
}

function giveUp(served: Served, exchange: Exchange, error: unknown): void {
  // A peer that went away in the middle of its request is no news.
  if (!exchange.request.destroyed && !exchange.gone.aborted) served.onBug(error);
  exchange.request.socket.destroy();
}
