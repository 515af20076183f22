/** The OpenAPI document describes every address that the server answers at. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { FastifyInstance } from "fastify";
import { expect, it, onTestFinished } from "vitest";
import { ICON_ROUTES, PAGE_ROUTES } from "../../src/server/page.ts";
import { servedDaemon } from "./rig.ts";

/** Whatever servers register while the test runs: `GET /api/v1/status`. */
function registeredRoutes(): string[] {
  const routes: string[] = [];
  const listen = (message: unknown) => {
    (message as { fastify: FastifyInstance }).fastify.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) if (each !== "HEAD") routes.push(`${each} ${url}`);
    });
  };
  subscribe("fastify.initialization", listen);
  onTestFinished(() => void unsubscribe("fastify.initialization", listen));
  return routes;
}

/** Those of the page give no data. */
const PAGE = new Set(["/assets/*", ...ICON_ROUTES, ...PAGE_ROUTES].map((path) => `GET ${path}`));

it("has every route of the server but those of the page, and no other", async () => {
  const routes = registeredRoutes();
  const { get } = await servedDaemon({}, { server: { port: 0, webhookSecret: "a secret of the test" } });
  const { json: document } = await get("/api/v1/openapi.json");
  const described = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const answered = routes
    .filter((route) => !PAGE.has(route))
    .map((route) => route.replace(/:(\w+)/g, "{$1}"));
  expect(answered.length).toBeGreaterThan(20);
  expect(described.sort()).toEqual(answered.sort());
});

it("says what an audit takes, and gives in each line", async () => {
  const { get } = await servedDaemon({});
  const { json: document } = await get("/api/v1/openapi.json");
  const { parameters, responses } = document.paths["/api/v1/audit"].get;
  expect(parameters.map(({ name }: { name: string }) => name)).toEqual(["since", "from", "until"]);
  const { schema } = responses[200].content["application/x-ndjson"];
  expect(schema.anyOf.flatMap(({ required }: { required: string[] }) => required)).toEqual([
    "progress",
    "report",
    "error",
  ]);
});

it("holds an audit's lines to what it says of them", async () => {
  const { auditLine } = await import("../../src/server/routes/audit.ts");
  const { get } = await servedDaemon({});
  const { json: text } = await get("/api/v1/audit");
  const lines = (text as string).trim().split("\n");
  for (const line of lines) expect(auditLine.safeParse(JSON.parse(line)).error?.message).toBeUndefined();
});
