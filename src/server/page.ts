/** The dashboard's files, as `npm run build:page` leaves them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** The same from `src` and from `dist`. */
const FILES = join(import.meta.dirname, "..", "..", "dashboard", "dist");

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

/** Nothing from elsewhere is loaded, and nobody may put the page into a frame. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** The page answers at every address that is neither the API's nor a file's, so that its own addresses can be shared. */
export async function addPage(server: FastifyInstance): Promise<void> {
  const built = existsSync(join(FILES, "index.html"));
  const html = built ? readFileSync(join(FILES, "index.html")) : NOT_BUILT;
  if (built) {
    await server.register(fastifyStatic, {
      root: join(FILES, "assets"),
      prefix: "/assets/",
      immutable: true,
      maxAge: "365d",
    });
    server.get("/icon.svg", async (_request, reply) =>
      reply.type("image/svg+xml").send(readFileSync(join(FILES, "icon.svg"))),
    );
  }
  for (const path of PAGE_ROUTES) {
    server.get(path, async (_request, reply) =>
      reply
        .type("text/html; charset=utf-8")
        .header("content-security-policy", POLICY)
        .header("referrer-policy", "no-referrer")
        .serializer((text: unknown) => text as string)
        .send(html),
    );
  }
}
