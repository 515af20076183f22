/**
 * OpenTelemetry spans around calls. The API package is loaded only in a process that has registered a tracer; without
 * one a call costs one look at a global.
 */
import type { Attributes, Span } from "@opentelemetry/api";
import { isTraced } from "../tracing.ts";
import { type CallFacts, callName, ShotgunError } from "./errors.ts";

/**
 * Runs a call inside a span named like `find Shot`. It gets neither arguments nor results, so no secret either.
 * @param facts of the call; a body brings them up to date as replies arrive
 */
export async function traced<T>(facts: CallFacts, site: string, body: () => Promise<T>): Promise<T> {
  if (!isTraced()) return body();
  const { SpanKind, SpanStatusCode, trace } = await import("@opentelemetry/api");
  const attributes = attributesOf(facts, site);
  return trace
    .getTracer("callsheet")
    .startActiveSpan(
      callName({ ...facts, entityId: null }),
      { kind: SpanKind.CLIENT, attributes },
      async (span) => {
        try {
          const value = await body();
          tell(span, facts);
          return value;
        } catch (error) {
          tell(span, error instanceof ShotgunError ? error : facts);
          const kind = error instanceof ShotgunError ? error.code : "INTERNAL";
          span.setAttribute("error.type", kind);
          span.setStatus({ code: SpanStatusCode.ERROR, message: kind });
          throw error;
        } finally {
          span.end();
        }
      },
    );
}

function attributesOf({ method, entityType }: CallFacts, site: string): Attributes {
  const { hostname, port, protocol } = new URL(site);
  return {
    "rpc.system": "flow-production-tracking",
    "rpc.method": method,
    "server.address": hostname,
    "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
    ...(entityType === null ? {} : { "callsheet.entity_type": entityType }),
  };
}

function tell(span: Span, { status, attempts, requestId }: CallFacts): void {
  span.setAttribute("callsheet.attempts", attempts);
  if (status !== null) span.setAttribute("http.response.status_code", status);
  if (requestId !== null) span.setAttribute("callsheet.request_id", requestId);
}
