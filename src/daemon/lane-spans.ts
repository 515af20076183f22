/**
 * Spans of OpenTelemetry that the daemon makes after the fact, for one lane: of calls that its host tells of, having no tracer
 * itself, and of a call that cost its host its life. Threads with a tracer make all others themselves (src/plugins/guest/spans.ts).
 */
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { LaneFailure } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { eventAttributes, type SpanEvent, type SpanOutcome } from "../tracing.ts";
import type { CallSpan, ErrorReport } from "./host.ts";
import type { Consequence } from "./trouble.ts";

interface OpenEvent {
  id: number;
  span: Span;
  context: Context;
  endedAt: number;
  outcome: SpanOutcome;
  callback: string;
  attempt: number;
}

interface ToldCall extends Omit<CallSpan, "callback"> {
  /** Name for people. */
  callback: string;
  /** Calls of it for this event so far; counted here where it is not known. */
  attempt?: number;
}

const OUTCOMES: Record<Exclude<Consequence, "retrying">, SpanOutcome> = {
  stopped: "stopped",
  recorded: "failed",
  skipped: "skipped",
};

/** What makes those of each lane; null: what was registered cannot be used. */
export function laneSpans(redact: <T>(value: T) => T, log: Log): ((plugin: string) => LaneSpans) | null {
  const probe = trace.getTracer("callsheet").startSpan("probe", { root: true });
  if (isSpanContextValid(probe.spanContext())) return (plugin) => new LaneSpans(plugin, redact);
  log.warn(
    "a tracer of OpenTelemetry is registered, but by a version of @opentelemetry/api that is older than Callsheet's own: no spans are made. Install both in one folder, so that they share one version",
  );
  return null;
}

export class LaneSpans {
  readonly #plugin: string;
  readonly #redact: <T>(value: T) => T;
  readonly #tracer = trace.getTracer("callsheet");
  #open: OpenEvent | null = null;

  /** @param redact takes secrets out */
  constructor(plugin: string, redact: <T>(value: T) => T) {
    this.#plugin = plugin;
    this.#redact = redact;
  }

  called(call: ToldCall): void {
    this.#call(this.#eventOf(call), call);
  }

  /** A call that its host did not survive, after `forMs`. */
  lost(failure: LaneFailure, event_type: string, forMs: number): void {
    const { eventId: id, callback, attempts: attempt, code, message, stack } = failure;
    const endedAt = Date.now();
    const call = {
      event: { id, event_type, entity: null, redelivered: attempt > 1 },
      callback: callback ?? "",
      attempt,
      startedAt: endedAt - forMs,
      endedAt,
      error: { name: code, message, stack },
    };
    const open = this.#eventOf(call);
    this.#call(open, call);
    open.outcome = "lost";
    this.end();
  }

  /** What followed from the failure of the last call. */
  failed(eventId: number, consequence: Consequence): void {
    if (this.#open?.id === eventId && consequence !== "retrying") this.#open.outcome = OUTCOMES[consequence];
  }

  /** The lane is done with this event. */
  done(eventId: number | null): void {
    if (this.#open?.id === eventId) this.end();
  }

  /** Nothing more is called for the event in hand. */
  end(): void {
    if (!this.#open) return;
    const { span, outcome, endedAt } = this.#open;
    this.#open = null;
    span.setAttribute("callsheet.outcome", outcome);
    if (outcome !== "delivered" && outcome !== "skipped")
      span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    span.end(endedAt);
  }

  #eventOf({ event, callback, startedAt }: ToldCall): OpenEvent {
    const open = this.#open;
    if (open?.id === event.id) {
      open.attempt = open.callback === callback ? open.attempt + 1 : 1;
      open.callback = callback;
      return open;
    }
    this.end();
    this.#open = this.#newEvent(event, callback, startedAt);
    return this.#open;
  }

  #newEvent(event: SpanEvent, callback: string, startTime: number): OpenEvent {
    const attributes = eventAttributes(this.#plugin, event);
    const options = { kind: SpanKind.CONSUMER, attributes, startTime };
    const span = this.#tracer.startSpan(`process ${this.#plugin}`, options, ROOT_CONTEXT);
    const context = trace.setSpan(ROOT_CONTEXT, span);
    return { id: event.id, span, context, endedAt: startTime, outcome: "delivered", callback, attempt: 1 };
  }

  #call(open: OpenEvent, { callback, startedAt, endedAt, error, attempt = open.attempt }: ToldCall): void {
    const attributes = {
      "callsheet.plugin": this.#plugin,
      "callsheet.callback": callback,
      "callsheet.attempt": attempt,
    };
    const span = this.#tracer.startSpan(callback, { attributes, startTime: startedAt }, open.context);
    if (error) this.#tellError(span, error, endedAt);
    span.end(endedAt);
    open.endedAt = endedAt;
  }

  #tellError(span: Span, error: ErrorReport, at: number): void {
    const { name, message, stack } = this.#redact(error);
    span.recordException({ name, message, ...(stack !== null && { stack }) }, at);
    span.setAttribute("error.type", name);
    span.setStatus({ code: SpanStatusCode.ERROR, message: name });
  }
}
