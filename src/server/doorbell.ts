/**
 * The webhook doorbell: a delivery of the site's webhook wakes the reader, which then reads the log as always. What the delivery
 * says is not used, so one that is lost, doubled or made up costs or gains nothing but time.
 */
import { createHmac } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { CallsheetError } from "../errors.ts";
import { isSame } from "./guard.ts";
import type { OtherRoute } from "./openapi.ts";

/** Deliveries are at most a few hundred kilobytes: 50 events in a batch. */
const BODY_LIMIT = 2 * 1024 * 1024;
const SIGNATURE = "x-sg-signature";

export const DOORBELL_ROUTE: OtherRoute = {
  method: "POST",
  path: "/webhooks/fpt",
  summary: "The site's webhook rings here, with its signature in x-sg-signature",
  takes: "application/json",
  replies: { 204: { description: "The reader asks the site at once." } },
  failures: [403, 413],
  open: true,
};

export interface DoorbellFigures {
  rings: number;
  refused: number;
}

export function addDoorbell(
  server: FastifyInstance,
  { secret, wake }: { secret: string; wake: () => void },
): DoorbellFigures {
  const figures: DoorbellFigures = { rings: 0, refused: 0 };
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.post(DOORBELL_ROUTE.path, { bodyLimit: BODY_LIMIT }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const shown = request.headers[SIGNATURE];
      const right = `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`;
      if (typeof shown !== "string" || !isSame(shown.trim().toLowerCase(), right)) {
        figures.refused += 1;
        throw new CallsheetError("REQUEST_REFUSED", "The delivery's signature is missing or wrong.", {
          hint: "Give the webhook the secret token that the configuration calls server.webhookSecret.",
        });
      }
      figures.rings += 1;
      wake();
      return reply.code(204).send();
    });
  });
  return figures;
}
