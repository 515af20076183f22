/**
 * Spans of OpenTelemetry around what a plugin does with its events, made in its own thread, so that what `sg` and the plugin
 * itself make lies beneath them. Only in a thread where a tracer is registered; others tell the daemon of their calls instead.
 */
import type * as Api from "@opentelemetry/api";
import type { CallSpan, ErrorReport, Verdict } from "../../daemon/host.ts";
import type { Event } from "../../event.ts";
import { eventAttributes, isTraced, type SpanEvent, type SpanOutcome } from "../../tracing.ts";
import { type CallCallback, isThenable } from "./delivery.ts";
import { instructionIn, reportError } from "./error-report.ts";

export interface GuestSpans {
  /** The same call inside a span. */
  around(call: CallCallback): CallCallback;
  /** The daemon's answer to the failure of the last call. */
  verdict(verdict: Verdict): void;
  /** Nothing more is called for the event in hand. */
  done(): void;
}

export interface GuestSpansParts {
  pluginName: string;
  nameOf(callback: number): string;
  /** Takes secrets out of an error. */
  redact(report: ErrorReport): ErrorReport;
}

/** null: nobody wants them here. */
export async function openGuestSpans(parts: GuestSpansParts): Promise<GuestSpans | null> {
  return isTraced() ? new Spans(parts, await import("@opentelemetry/api")) : null;
}

interface InHand {
  event: Event;
  span: Api.Span;
  context: Api.Context;
  callback: number;
  attempt: number;
  thrown: unknown;
  outcome: SpanOutcome;
}

class Spans implements GuestSpans {
  readonly #parts: GuestSpansParts;
  readonly #api: typeof Api;
  readonly #tracer: Api.Tracer;
  #inHand: InHand | null = null;

  constructor(parts: GuestSpansParts, api: typeof Api) {
    this.#parts = parts;
    this.#api = api;
    this.#tracer = api.trace.getTracer("callsheet");
  }

  around(call: CallCallback): CallCallback {
    const { context, trace } = this.#api;
    return (index, event) => {
      const inHand = this.#begun(index, event);
      const attributes = { "callsheet.plugin": this.#parts.pluginName, "callsheet.attempt": inHand.attempt };
      const name = this.#parts.nameOf(index);
      const span = this.#tracer.startSpan(
        name,
        { attributes: { ...attributes, "callsheet.callback": name } },
        inHand.context,
      );
      let result: unknown;
      try {
        result = context.with(trace.setSpan(inHand.context, span), call, undefined, index, event);
      } catch (thrown) {
        this.#failed(span, inHand, thrown);
        throw thrown;
      }
      if (!isThenable(result)) {
        span.end();
        return result;
      }
      return result.then(
        () => span.end(),
        (thrown: unknown) => {
          this.#failed(span, inHand, thrown);
          throw thrown;
        },
      );
    };
  }

  verdict(verdict: Verdict): void {
    const inHand = this.#inHand;
    if (!inHand || verdict === "retry") return;
    const passed = instructionIn(inHand.thrown).kind === "skip" ? "skipped" : "failed";
    inHand.outcome = verdict === "stop" ? "stopped" : passed;
  }

  done(): void {
    const inHand = this.#inHand;
    this.#inHand = null;
    if (!inHand) return;
    const { span, outcome } = inHand;
    span.setAttribute("callsheet.outcome", outcome);
    if (outcome === "failed" || outcome === "stopped")
      span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: outcome });
    span.end();
  }

  #begun(callback: number, event: Event): InHand {
    const known = this.#inHand;
    if (known?.event === event) {
      known.attempt = known.callback === callback ? known.attempt + 1 : 1;
      known.callback = callback;
      return known;
    }
    this.done();
    const { ROOT_CONTEXT, SpanKind, trace } = this.#api;
    const { pluginName } = this.#parts;
    const attributes = eventAttributes(pluginName, spanEvent(event));
    const options = { kind: SpanKind.CONSUMER, attributes };
    const span = this.#tracer.startSpan(`process ${pluginName}`, options, ROOT_CONTEXT);
    const context = trace.setSpan(ROOT_CONTEXT, span);
    this.#inHand = { event, span, context, callback, attempt: 1, thrown: null, outcome: "delivered" };
    return this.#inHand;
  }

  #failed(span: Api.Span, inHand: InHand, thrown: unknown): void {
    inHand.thrown = thrown;
    const { name, message, stack } = this.#parts.redact(reportError(thrown));
    span.recordException({ name, message, ...(stack !== null && { stack }) });
    span.setAttribute("error.type", name);
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: name });
    span.end();
  }
}

/** Tells the daemon of each call, which makes the spans then. */
export function toldCall(call: CallCallback, tell: (call: CallSpan) => void): CallCallback {
  return (callback, event) => {
    const told = { callback, event: spanEvent(event), startedAt: Date.now() };
    const ended = (error: ErrorReport | null) => tell({ ...told, endedAt: Date.now(), error });
    let result: unknown;
    try {
      result = call(callback, event);
    } catch (thrown) {
      ended(reportError(thrown));
      throw thrown;
    }
    if (!isThenable(result)) {
      ended(null);
      return result;
    }
    return result.then(
      () => ended(null),
      (thrown: unknown) => {
        ended(reportError(thrown));
        throw thrown;
      },
    );
  };
}

/** As it is before a callback can change it. */
function spanEvent({ id, event_type, entity, redelivered, replay }: Event): SpanEvent {
  return {
    id,
    event_type,
    entity: entity && { type: entity.type, id: entity.id },
    redelivered,
    replay: replay?.id,
  };
}
