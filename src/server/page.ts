/** The dashboard's files, as `npm run build:page` leaves them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** The same from `src` and from `dist`. */
const FILES = join(import.meta.dirname, "..", "..", "dashboard", "dist");
const INDEX = join(FILES, "index.html");

const NOT_BUILT = `<!doctype html><title>Callsheet</title><p>The page has not been built: run <code>npm run build:page</code>.
The API is at <a href="/api/v1/status">/api/v1/status</a>.`;

/** Addresses of the page. */
export const PAGE_ROUTES = [
  "/",
  "/plugins",
  "/plugins/:name",
  "/replays/:id",
  "/events",
  "/events/:id",
  "/failures",
  "/gaps",
];

/** The one that the page names; and the one that browsers ask for where there is no page, as beside JSON. */
export const ICON_ROUTES = ["/icon.svg", "/favicon.ico"];

/** Nothing from elsewhere is loaded, and nobody may put the page into a frame. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * The page answers at its own addresses, so that they can be shared. At any other, a browser that somebody sent there gets the page
 * too, which says that nothing is there.
 */
export async function addPage(server: FastifyInstance): Promise<void> {
  if (existsSync(INDEX)) {
    await server.register(fastifyStatic, {
      root: join(FILES, "assets"),
      prefix: "/assets/",
      immutable: true,
      maxAge: "365d",
      // a worker is held to what its own file says
      setHeaders: (reply) => reply.header("content-security-policy", POLICY),
    });
    for (const path of ICON_ROUTES)
      server.get(path, async (_request, reply) =>
        reply.type("image/svg+xml").send(readFileSync(join(FILES, "icon.svg"))),
      );
  }
  for (const path of PAGE_ROUTES) server.get(path, async (_request, reply) => sendPage(reply));
}

export function sendPage(reply: FastifyReply): FastifyReply {
  return reply
    .type("text/html; charset=utf-8")
    .header("content-security-policy", POLICY)
    .header("referrer-policy", "no-referrer")
    .serializer((text: unknown) => text as string)
    .send(existsSync(INDEX) ? readFileSync(INDEX) : NOT_BUILT);
}

/** Whether a person's browser asks, for something that is not below `/api`: programs accept anything, or JSON. */
export function isForPeople({ method, url, headers }: FastifyRequest): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  return !/^\/api(\/|$|\?)/.test(url) && (headers.accept ?? "").includes("text/html");
}
