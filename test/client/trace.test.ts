/** Spans of OpenTelemetry, to a tracer that only keeps what it is told. */
import { execFile } from "node:child_process";
import { type Attributes, type Span, type SpanOptions, type Tracer, trace } from "@opentelemetry/api";
import { afterEach, expect, test } from "vitest";
import { connect, KEY, rejection } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

interface Kept {
  name: string;
  attributes: Attributes;
  status: unknown;
  ended: boolean;
}

function keepSpans(): Kept[] {
  const spans: Kept[] = [];
  const tracer = {
    startActiveSpan(name: string, { attributes = {} }: SpanOptions, body: (span: Span) => unknown) {
      const kept: Kept = { name, attributes: { ...attributes }, status: null, ended: false };
      spans.push(kept);
      const span = {
        setAttribute: (key: string, value: string) => Object.assign(kept.attributes, { [key]: value }),
        setStatus: (status: unknown) => Object.assign(kept, { status }),
        end: () => Object.assign(kept, { ended: true }),
      };
      return body(span as unknown as Span);
    },
  };
  trace.setGlobalTracerProvider({ getTracer: () => tracer as unknown as Tracer });
  return spans;
}

afterEach(() => trace.disable());

test("a call is a span with what is known about it, and nothing of its contents", async () => {
  await using site = await Recorder.open((_request, index) => (index === 0 ? { status: 502 } : page([])));
  await using client = connect(site.url);
  await client.sg.connect();
  const spans = keepSpans();
  await client.sg.find("Shot", [["code", "is", KEY]]);
  expect(spans).toEqual([
    {
      name: "find Shot",
      attributes: {
        "rpc.system": "flow-production-tracking",
        "rpc.method": "find",
        "server.address": "127.0.0.1",
        "server.port": site.port,
        "callsheet.entity_type": "Shot",
        "callsheet.attempts": 2,
        "http.response.status_code": 200,
      },
      status: null,
      ended: true,
    },
  ]);
});

test("a call that fails ends its span with its error's code", async () => {
  await using site = await Recorder.open(() => ({
    body: { exception: true, message: KEY, error_code: 102 },
  }));
  await using client = connect(site.url);
  const spans = keepSpans();
  await rejection(client.sg.delete("Shot", 1));
  expect(spans).toMatchObject([
    {
      name: "delete Shot",
      ended: true,
      status: { message: "SITE_AUTHENTICATION" },
      attributes: { "error.type": "SITE_AUTHENTICATION" },
    },
  ]);
  expect(JSON.stringify(spans)).not.toContain(KEY);
});

test("without a tracer the API package is not even loaded, nor what files need", async () => {
  await using site = await Recorder.open(() => page([]));
  const script = `
    const { registerHooks } = await import("node:module");
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const { Shotgun } = await import("${new URL("../../src/client/shotgun.ts", import.meta.url)}");
    const sg = new Shotgun("${site.url}", { scriptName: "s", scriptKey: "k" });
    await sg.find("Shot", []);
    await sg.close();
    console.log(JSON.stringify(loaded.filter((url) => /opentelemetry|client.files/.test(url))));`;
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(process.execPath, ["--input-type=module", "-e", script], (error, stdout) =>
    resolve(error ? String(error) : stdout),
  );
  expect(JSON.parse(await promise)).toEqual([]);
});
