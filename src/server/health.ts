/** Health and metrics, for whatever watches over the daemon. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { readinessOf } from "../daemon/answers/attention.ts";
import type { Daemon } from "../daemon/daemon.ts";
import type { Metrics } from "./metrics.ts";
import type { OtherRoute } from "./openapi.ts";
import { readiness } from "./shapes/status.ts";

const json = "application/json";

export const HEALTH_ROUTES: OtherRoute[] = [
  {
    method: "GET",
    path: "/healthz",
    summary: "Whether the daemon answers at all",
    replies: { 200: { description: "It does.", type: json, shape: z.object({ alive: z.literal(true) }) } },
    open: true,
  },
  {
    method: "GET",
    path: "/readyz",
    summary: "Whether events flow from the site to the journal",
    replies: {
      200: { description: "They do.", type: json, shape: readiness },
      503: { description: "They do not, for these reasons.", type: json, shape: readiness },
    },
    open: true,
  },
  {
    method: "GET",
    path: "/metrics",
    summary: "Metrics for Prometheus",
    replies: { 200: { description: "Its text format.", type: "text/plain", shape: z.string() } },
  },
];

export function addHealth(server: FastifyInstance, daemon: Pick<Daemon, "status">, metrics: Metrics): void {
  server.get("/healthz", async () => ({ alive: true }));
  server.get("/readyz", async (_request, reply) => {
    const readiness = readinessOf(daemon.status());
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  server.get("/metrics", async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
}
