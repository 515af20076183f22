/** What one host asks of another, and what it is answered, as they go through the journal. Another may be of another version. */
import { CallsheetError, ERROR_CODES, type ErrorCode } from "../../errors.ts";
import type { LaneDetail } from "../lane-status.ts";
import type { Who } from "../operated.ts";
import type { Operator } from "../operations.ts";
import type { Aim } from "../place.ts";

type Simple = "pause" | "resume" | "retry" | "reload";
type Direction = "rewind" | "forward";

export type Request =
  | { action: Simple; who: Who }
  | { action: "skip"; eventId: number; who: Who }
  | { action: "plan"; direction: Direction; aim: Aim }
  | { action: "move"; direction: Direction; aim: Aim; expected?: number | undefined; who: Who }
  | { action: "detail" };

type Answer = { done: unknown } | { refused: { code: string; message: string; hint: string | undefined } };

/** What the host that runs a plugin can be asked for. */
export interface Asked {
  operations: Operator;
  detail(lane: string): LaneDetail | null;
}

/** Does what is asked for. @throws CallsheetError as it is refused */
export function perform(request: Request, lane: string, { operations, detail }: Asked): Promise<unknown> {
  switch (request.action) {
    case "pause":
    case "resume":
    case "retry":
    case "reload":
      return operations[request.action](lane, request.who);
    case "skip":
      return operations.skip(lane, request.eventId, request.who);
    case "plan":
      return operations.plan(request.direction, lane, aimOf(request.aim));
    case "move": {
      const { direction, aim, who, expected } = request;
      return operations.move(direction, lane, aimOf(aim), { ...who, expected });
    }
    case "detail":
      return Promise.resolve(detail(lane));
    default:
      throw new CallsheetError(
        "NOT_POSSIBLE_NOW",
        "The host that runs it is of an older version, which cannot do this.",
      );
  }
}

export const isFreshStart = ({ action }: Request): boolean => action === "retry" || action === "reload";

/** As the command is called that it came from. */
export function commandOf(request: Request): string {
  return "direction" in request ? request.direction : request.action;
}

export function readRequest(text: string): Request {
  return JSON.parse(text) as Request;
}

export function doneAnswer(done: unknown): string {
  return JSON.stringify({ done: done ?? null } satisfies Answer);
}

export function refusal({ code, message, hint }: CallsheetError): string {
  return JSON.stringify({ refused: { code, message, hint } } satisfies Answer);
}

/** @throws CallsheetError what was refused, in the words of the other host */
export function readAnswer<T>(text: string): T {
  const answer = JSON.parse(text) as Answer;
  if ("done" in answer) return answer.done as T;
  const { code, message, hint } = answer.refused;
  const known: ErrorCode = code in ERROR_CODES ? (code as ErrorCode) : "NOT_POSSIBLE_NOW";
  throw new CallsheetError(known, message, hint === undefined ? {} : { hint });
}

/** A time has become a text on its way. */
function aimOf(aim: Aim): Aim {
  return typeof aim === "object" && "time" in aim ? { time: new Date(aim.time) } : aim;
}
