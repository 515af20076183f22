/**
 * The guest: what runs next to a plugin's code, in a host of any kind. It loads the plugin, says what it registered,
 * then calls its callbacks with what it is handed.
 */
import { useOneWay } from "../../client/one-way.ts";
import type { CallbackInfo, CallSpan, TimedCall } from "../../daemon/host.ts";
import type { LogLevel } from "../../plugin.ts";
import { redactor } from "../../redact.ts";
import { flushSpans } from "../../tracing.ts";
import { ControlBlock } from "../control.ts";
import type { GuestStart, Link, LoadFailure, ToGuest } from "../messages.ts";
import { captureConsole } from "./console.ts";
import { type CallCallback, Delivery } from "./delivery.ts";
import { hideInReports, showInReports, withoutSecrets } from "./error-report.ts";
import { LazyShotgun } from "./lazy-shotgun.ts";
import { loadPlugin } from "./load.ts";
import { GuestLogger } from "./logger.ts";
import type { Registration } from "./registration.ts";
import { RemoteTransport } from "./remote-transport.ts";
import { type GuestSpans, openGuestSpans, toldCall } from "./spans.ts";
import { timedCall } from "./timed-call.ts";
import { watchTrouble } from "./trouble.ts";

/** A shorter script key is a placeholder, and would tear words apart. */
const SHORTEST_KEY = 8;

/** @returns what takes the daemon's messages */
export function runGuest(start: GuestStart, link: Link): (message: ToGuest) => void {
  const control = new ControlBlock(start.control);
  showInReports(start.pluginPath);
  const wanted = start.spans;
  // the plugin can look at what its thread was started with
  start.spans = null;
  const transport = new RemoteTransport(link);
  let call: CallCallback = () => {};
  let spans: GuestSpans | null = null;
  const troubles = watchTrouble({
    link,
    memoryLimitBytes: start.memoryLimitBytes,
    when: () => (control.inHand() ? "" : delivery.where()),
  });
  const delivery = new Delivery({
    link,
    control,
    slot: start.slot,
    replay: start.replay,
    call: (callback, event) => call(callback, event),
    onTurn: troubles.checkMemory,
    onBroken: troubles.broken,
    onVerdict: (verdict) => spans?.verdict(verdict),
    onDone: () => spans?.done(),
    onEnd: () => {
      const end = () => {
        link.send({ type: "stopped" });
        link.exit(0);
      };
      if (spans) void flushSpans().then(end);
      else end();
    },
  });
  const writeLine = (logger: string, level: LogLevel, message: string) => {
    const eventId = delivery.inHand ? delivery.eventId : null;
    link.send({ type: "log", line: { logger, level, message: withoutSecrets(message), eventId } });
    control.lineSent();
  };
  const tellCall = (call: TimedCall) => {
    const line = { logger: "timing", level: "info", message: "called", eventId: delivery.eventId } as const;
    link.send({ type: "log", line: { ...line, call } });
    control.lineSent();
  };
  const logger = new GuestLogger(`plugin.${start.pluginName}`, writeLine, start.logLevel);
  captureConsole(logger);
  // also for clients that the plugin makes itself: none of them may write
  if (start.replay?.dryRun) useOneWay(transport);
  loadPlugin(start.pluginPath, logger).then(
    async ({ callbacks, emails, runsOn }) => {
      hideInReports(callbacks.map(({ scriptKey }) => scriptKey));
      const nameOf = (index: number) => callbacks[index]!.name;
      call = caller(callbacks, { start, logger, transport, writeLine });
      if (start.timing) call = timedCall(call, nameOf, tellCall);
      if (wanted) {
        const keys = callbacks.map(({ scriptKey }) => scriptKey).filter((key) => key.length >= SHORTEST_KEY);
        const secrets = [...wanted.secrets, ...keys];
        const redact = redactor(secrets);
        spans = await openGuestSpans({ pluginName: start.pluginName, nameOf, redact });
        const tell = (call: CallSpan) => link.send({ type: "called", call });
        call = spans ? spans.around(call) : toldCall(call, tell);
      }
      link.send({ type: "loaded", callbacks: callbacks.map((each) => told(each, start)), emails, runsOn });
    },
    (failure: LoadFailure) => link.send({ type: "load-failed", failure }),
  );
  return (message) => {
    if (message.type === "run") delivery.hand(message.run);
    else if (message.type === "verdict") delivery.verdict(message.verdict);
    else if (message.type === "stored") delivery.stored(message.until);
    else if (message.type === "reply") transport.settle(message.id, message.outcome);
    else delivery.stop();
  };
}

interface CallerParts {
  start: GuestStart;
  logger: GuestLogger;
  transport: RemoteTransport;
  writeLine: ConstructorParameters<typeof GuestLogger>[1];
}

/** What calls the callbacks, each with its own connection and logger. */
function caller(registrations: readonly Registration[], parts: CallerParts): CallCallback {
  const { start, logger, transport, writeLine } = parts;
  const { siteUrl, siteTimeoutMs: timeoutMs, useSessionUuid } = start;
  const connected = registrations.map(({ callback, args, name, scriptName, scriptKey }) => ({
    callback,
    args,
    connection: new LazyShotgun({ siteUrl, timeoutMs, scriptName, scriptKey, transport }),
    logger: new GuestLogger(`${logger.name}.${name}`, writeLine, logger),
  }));
  return (index, event) => {
    const { callback, args, connection, logger } = connected[index]!;
    if (useSessionUuid) connection.setSessionUuid(event.session_uuid);
    return callback(connection.sg, logger, event, args);
  };
}

function told(registration: Registration, { tellKeys }: GuestStart): CallbackInfo {
  const { scriptKey } = registration;
  return { ...publicPart(registration), ...(tellKeys && { scriptKey }) };
}

/** What the daemon is told: not the key, the function or the arguments, which stay here. */
function publicPart(registration: Registration): CallbackInfo {
  const { index, name, key, scriptName, matchEvents, stopOnError, retry, timeoutMs } = registration;
  return { index, name, key, scriptName, matchEvents, stopOnError, retry, timeoutMs };
}
