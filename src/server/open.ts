/** The server: health, metrics, the control API, live updates and the webhook doorbell. */
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions } from "fastify";
import { z } from "zod";
import type { Config } from "../config-file.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { asError, CallsheetError } from "../errors.ts";
import { stringifyExact } from "../json.ts";
import type { Log } from "../log/log.ts";
import { removeAddress, type ServerAddress, writeAddress } from "./address-file.ts";
import { addDoorbell, DOORBELL_ROUTE, type DoorbellFigures } from "./doorbell.ts";
import { COOKIE, Guard, Unauthorized } from "./guard.ts";
import { SAFE_HEADERS } from "./headers.ts";
import { addHealth, HEALTH_ROUTES } from "./health.ts";
import { History } from "./history.ts";
import { LIVE_ROUTE, Live } from "./live.ts";
import { openMetrics } from "./metrics.ts";
import { DOCUMENT_ROUTE, openApi } from "./openapi.ts";
import { addPage, isForPeople, sendPage } from "./page.ts";
import { problemOf } from "./problem.ts";
import { refusalLog } from "./refusals.ts";
import { addRoutes, type Route, route } from "./route.ts";
import { actingRoutes } from "./routes/acting.ts";
import { AUDIT_ROUTE, addAudit } from "./routes/audit.ts";
import { clusterRoutes } from "./routes/cluster.ts";
import { readingRoutes } from "./routes/reading.ts";
import { replayActingRoutes, replayReadingRoutes } from "./routes/replays.ts";

export interface ServerParts {
  config: Pick<Config, "server" | "state">;
  /** What of a daemon the server shows and steers. */
  daemon: Pick<
    Daemon,
    | "status"
    | "answers"
    | "operations"
    | "replays"
    | "happenings"
    | "plugin"
    | "memory"
    | "wake"
    | "audit"
    | "adopt"
    | "detail"
  >;
  log: Log;
  version: string;
}

export interface Server {
  /** `http://127.0.0.1:7879` */
  readonly url: string;
  close(): Promise<void>;
}

const DEFAULT_PORT = 7879;
const BODY_LIMIT = 64 * 1024;
/** What zod checks and `stringifyExact` writes needs none of fastify's, which take their time to load. */
const NO_COMPILERS = {
  compilersFactory: {
    buildValidator: () => () => () => true,
    buildSerializer: () => () => stringifyExact,
  },
} as unknown as NonNullable<FastifyServerOptions["schemaController"]>;
/** Nobody may hold a connection with a request that never ends. */
const REQUEST_WITHIN_MS = 30_000;
const LEAST_TOKEN = 16;

/**
 * Listens, and leaves the address and this run's token in the state folder.
 * @throws CallsheetError PORT_IN_USE; CONFIG_INVALID when the address or the token cannot be used
 */
export async function openServer(parts: ServerParts): Promise<Server> {
  const { config, log } = parts;
  const { host, port, token = null, names } = config.server;
  if (token !== null && token.length < LEAST_TOKEN)
    throw new CallsheetError("CONFIG_INVALID", `server.token has fewer than ${LEAST_TOKEN} characters.`, {
      hint: "Make one with: openssl rand -hex 24",
    });
  const runToken = randomBytes(24).toString("hex");
  const guard = new Guard({ host, names, token, runToken });
  const live = new Live({ daemon: parts.daemon, answers: parts.daemon.answers });
  const history = new History(parts.daemon);
  const server = build(parts, { guard, live, history });
  await addPage(server);
  await listen(server, host, port);
  const { address, port: taken, family } = server.server.address() as AddressInfo;
  const own = address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address;
  const url = `http://${family === "IPv6" ? `[${own}]` : own}:${taken}`;
  const left: ServerAddress = { url, token: runToken, pid: process.pid, startedAt: new Date().toISOString() };
  try {
    writeAddress(config.state, left);
  } catch (error) {
    live.close();
    history.close();
    await server.close();
    throw error;
  }
  log.info(`page and control API at ${url}`, { url });
  return {
    url,
    async close() {
      removeAddress(config.state, left);
      live.close();
      history.close();
      await server.close();
    },
  };
}

interface Pieces {
  guard: Guard;
  live: Live;
  history: History;
}

function build(
  { config, daemon, log, version }: ServerParts,
  { guard, live, history }: Pieces,
): FastifyInstance {
  const refused = refusalLog(log);
  const tell = (thrown: unknown, reply: FastifyReply) => {
    const { status, error, internal } = problemOf(thrown);
    if (internal)
      log.error(`a request failed: ${internal.message}`, { code: "INTERNAL", stack: internal.stack ?? "" });
    if (thrown instanceof Unauthorized) refused(reply.request.ip);
    void reply.code(thrown instanceof Unauthorized ? 401 : status).send({ error });
  };
  const server = Fastify({
    logger: false,
    // an address that cannot be decoded; no hook is called for it
    frameworkErrors: (thrown, request, given) => {
      const reply = given.headers(SAFE_HEADERS) as unknown as FastifyReply;
      if (isForPeople(request)) void sendPage(reply.code(404));
      else tell(thrown, reply);
    },
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_WITHIN_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 500 },
    schemaController: NO_COMPILERS,
  });
  server.addHook("onRequest", async (request) => guard.check(request));
  server.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of Object.entries(SAFE_HEADERS))
      if (!reply.hasHeader(name)) reply.header(name, value);
  });
  // the numbers of events may be longer than JavaScript's
  server.setReplySerializer((payload) => stringifyExact(payload));
  server.setErrorHandler((thrown, _request, reply) => tell(thrown, reply));
  server.setNotFoundHandler((request, reply) => {
    if (isForPeople(request)) return sendPage(reply.code(404));
    const { method, url } = request;
    throw new CallsheetError("NOT_FOUND", `There is no ${method} ${url.slice(0, 200)}.`, {
      hint: "GET /api/v1/openapi.json lists every address.",
    });
  });
  const doorbell = doorbellOf(server, config, daemon);
  const metrics = openMetrics({ daemon, answers: daemon.answers, live, doorbell, version });
  addHealth(server, daemon, metrics);
  const routes = [
    ...readingRoutes(daemon, { version, history }),
    ...actingRoutes(daemon.operations),
    ...clusterRoutes(daemon),
    ...replayReadingRoutes(daemon.replays, daemon.answers),
    ...replayActingRoutes(daemon.replays),
    ...sessionRoutes(guard),
  ];
  addRoutes(server, routes);
  addAudit(server, daemon);
  const others = [
    ...HEALTH_ROUTES,
    LIVE_ROUTE,
    AUDIT_ROUTE,
    DOCUMENT_ROUTE,
    ...(doorbell ? [DOORBELL_ROUTE] : []),
  ];
  let document: object | null = null;
  server.get(DOCUMENT_ROUTE.path, async () => {
    document ??= openApi(routes, others, version);
    return document;
  });
  server.get(LIVE_ROUTE.path, async (_request, reply) => {
    if (!live.hasRoom) throw new CallsheetError("REQUEST_REFUSED", "Too many clients are on live updates.");
    reply.hijack();
    live.add(reply.raw);
  });
  return server;
}

function doorbellOf(
  server: FastifyInstance,
  { server: { webhookSecret } }: Pick<Config, "server">,
  daemon: Pick<Daemon, "wake">,
): DoorbellFigures | null {
  if (webhookSecret === undefined) return null;
  return addDoorbell(server, { secret: webhookSecret, wake: () => daemon.wake() });
}

/** A browser keeps the token in a cookie that scripts cannot read: live updates cannot send headers. */
function sessionRoutes(guard: Guard): Route[] {
  const reply = z.object({ needsToken: z.boolean(), loggedIn: z.boolean() });
  return [
    route({
      method: "GET",
      path: "/session",
      summary: "Whether this server wants a token",
      reply: z.object({ needsToken: z.boolean() }),
      handle: () => ({ needsToken: guard.needsToken }),
    }),
    route({
      method: "POST",
      path: "/session",
      summary: "Logs a browser in: the token goes into a cookie",
      body: z.strictObject({ token: z.string().min(1).max(500) }),
      reply,
      handle: ({ body, reply: answer }) => {
        if (!guard.isToken(body.token)) throw new Unauthorized("REQUEST_REFUSED", "This is not the token.");
        const value = `${COOKIE}=${encodeURIComponent(body.token)}`;
        answer.header("set-cookie", `${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000`);
        return { needsToken: guard.needsToken, loggedIn: true };
      },
    }),
    route({
      method: "DELETE",
      path: "/session",
      summary: "Logs a browser out",
      reply,
      handle: ({ reply: answer }) => {
        answer.header("set-cookie", `${COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
        return { needsToken: guard.needsToken, loggedIn: false };
      },
    }),
  ];
}

/** The usual port, if none is asked for, or any that is free. */
async function listen(server: FastifyInstance, host: string, port: number | undefined): Promise<void> {
  try {
    await server.listen({ host, port: port ?? DEFAULT_PORT });
  } catch (thrown) {
    const error = asError(thrown) as NodeJS.ErrnoException;
    if (port === undefined && error.code === "EADDRINUSE")
      return void (await server.listen({ host, port: 0 }));
    if (error.code === "EADDRINUSE")
      throw new CallsheetError("PORT_IN_USE", `Port ${port} of ${host} is taken by another program.`, {
        hint: "Name another one as server.port; 0 takes any that is free.",
      });
    throw new CallsheetError("CONFIG_INVALID", `The server cannot listen on ${host}: ${error.message}.`, {
      hint: "server.host must be an address of this machine.",
    });
  }
}
