/** `GET /api/v1/audit`: lines of JSON as it goes on, the last of them the report. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Daemon } from "../../daemon/start.ts";
import { asError, CallsheetError } from "../../errors.ts";
import { invalidRequest, problemOf } from "../problem.ts";
import { API } from "../route.ts";

const query = z
  .strictObject({
    since: z.iso.datetime({ offset: true }).optional(),
    from: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    until: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  })
  .refine(({ since, from }) => since === undefined || from === undefined, { error: "either since or from" });

/** One at a time: it asks the site for every event of the range. */
export function addAudit(server: FastifyInstance, daemon: Pick<Daemon, "audit">): void {
  let running = false;
  server.get(`${API}/audit`, async (request, reply) => {
    const given = query.safeParse(request.query);
    if (!given.success) throw invalidRequest("query", given.error);
    if (running) throw new CallsheetError("NOT_POSSIBLE_NOW", "An audit is going on already.");
    running = true;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
    const line = (value: object) => raw.write(`${JSON.stringify(value)}\n`);
    const gone = new AbortController();
    raw.on("close", () => gone.abort());
    const { since, from, until } = given.data;
    const aim =
      since !== undefined ? { time: new Date(since) } : from !== undefined ? { eventId: from } : undefined;
    try {
      const report = await daemon.audit({ since: aim, until }, gone.signal, (events, lastId) =>
        line({ progress: { events, lastId } }),
      );
      line({ report });
    } catch (thrown) {
      if (!gone.signal.aborted) line({ error: problemOf(asError(thrown)).error });
    } finally {
      running = false;
      raw.end();
    }
  });
}
