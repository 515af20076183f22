/** `GET /api/v1/audit`: lines of JSON as it goes on, the last of them the report. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { AuditReport } from "../../daemon/audit.ts";
import type { Daemon } from "../../daemon/daemon.ts";
import { asError, CallsheetError } from "../../errors.ts";
import { SAFE_HEADERS } from "../headers.ts";
import type { OtherRoute } from "../openapi.ts";
import { invalidRequest, problemOf } from "../problem.ts";
import { API } from "../route.ts";

const id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional();
const query = z
  .strictObject({
    since: z.iso.datetime({ offset: true }).optional().describe("begin with the events of this time"),
    from: id.describe("begin with the event of this id"),
    until: id.describe("end with the event of this id"),
  })
  .refine(({ since, from }) => since === undefined || from === undefined, { error: "either since or from" });

const count = z.number().int();
const outcomes = z.record(z.string(), count).describe("how many events had which outcome");
const report = z.object({
  first: count.nullable(),
  last: count.nullable(),
  events: count,
  onTheWay: count,
  goneFromSite: count,
  differences: count,
  list: z.array(
    z.object({
      eventId: count,
      kind: z.enum(["missing", "never_happened", "another", "dropped"]),
      plugin: z.string().nullable(),
    }),
  ),
  plugins: z.array(z.object({ plugin: z.string(), lane: z.string(), outcomes })),
  notes: z.array(z.string()),
}) satisfies z.ZodType<AuditReport, unknown>;
/** One line of the answer. */
export const auditLine = z.union([
  z.object({ progress: z.object({ events: count, lastId: count }) }),
  z.object({ report }),
  z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }) }),
]);

export const AUDIT_ROUTE: OtherRoute = {
  method: "GET",
  path: `${API}/audit`,
  summary: "What the site has, held against journal and ledger",
  query,
  replies: {
    200: {
      description: "Lines of JSON, each as the schema says: progress, and at last the report or an error.",
      type: "application/x-ndjson",
      shape: auditLine,
    },
  },
  failures: [400, 409],
};

/** One at a time: it asks the site for every event of the range. */
export function addAudit(server: FastifyInstance, daemon: Pick<Daemon, "audit">): void {
  let running = false;
  server.get(AUDIT_ROUTE.path, async (request, reply) => {
    const given = query.safeParse(request.query);
    if (!given.success) throw invalidRequest("query", given.error);
    if (running) throw new CallsheetError("NOT_POSSIBLE_NOW", "An audit is going on already.");
    running = true;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { ...SAFE_HEADERS, "content-type": "application/x-ndjson" });
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
