/** A receiver of OTLP over HTTP on loopback, which keeps the spans it is sent. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  kind: number;
  /** Milliseconds since 1970, and that it took. */
  startedAt: number;
  ms: number;
  /** 2: an error. */
  status: number;
  attributes: Record<string, unknown>;
  /** `exception.message` and the like. */
  exceptions: Record<string, unknown>[];
}

interface Wire {
  key: string;
  value: Record<string, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: the document of OTLP/JSON, looked into here only
type Document = any;

export async function openReceiver(): Promise<{ url: string; spans: ReceivedSpan[] }> {
  const spans: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    spans.push(...spansOf(JSON.parse(Buffer.concat(parts).toString())));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans };
}

function spansOf({ resourceSpans }: Document): ReceivedSpan[] {
  return resourceSpans
    .flatMap(({ scopeSpans }: Document) => scopeSpans)
    .flatMap(({ spans }: Document) => spans)
    .map(
      (span: Document): ReceivedSpan => ({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || null,
        kind: span.kind,
        startedAt: Number(span.startTimeUnixNano) / 1e6,
        ms: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        status: span.status?.code ?? 0,
        attributes: plain(span.attributes),
        exceptions: (span.events ?? []).map(({ attributes }: Document) => plain(attributes)),
      }),
    );
}

function plain(attributes: Wire[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.intValue === undefined ? Object.values(value)[0] : Number(value.intValue),
    ]),
  );
}
