/** Which failures are the same trouble: so that people are told once, and of a thousand failures see three. */
import { createHash } from "node:crypto";
import type { LaneFailure } from "./journal/ledger.ts";

const DIGITS = 12;
/** Frames that tell where a failure comes from; deeper ones vary with who called. */
const FRAMES = 5;

type Trouble = Pick<LaneFailure, "code" | "callback" | "message" | "stack" | "fingerprint">;

/**
 * Twelve hexadecimal digits that stay the same from event to event and, as long as the functions keep their names, from edit
 * to edit of the plugin. By what the error itself says (`fingerprint`), else by the plugin's own frames when the failure has a
 * stack, else by its message without what varies.
 */
export function fingerprint(
  lane: string,
  { code, callback, message, stack, fingerprint: explicit }: Trouble,
): string {
  if (explicit !== undefined) return digest([lane, explicit]);
  const type = typeOf(message);
  const frames = framesOf(stack ?? "");
  const where = frames.length > 0 ? [type, ...frames] : [withoutVariables(message)];
  const parts = [lane, code, callback ?? "", ...where];
  return digest(parts);
}

/** What a group of failures has in common, in words. */
export function groupedBy({ callback, message, stack, fingerprint: explicit }: Trouble): string {
  if (explicit !== undefined) return `what the error says itself: ${explicit}`;
  const frames = framesOf(stack ?? "").length > 0;
  const what = frames ? "the functions it came through" : "the message without its figures";
  const others = [callback === null ? "" : `callback ${callback}`, typeOf(message)].filter(Boolean);
  return others.length > 0 ? `${others.join(", ")} and ${what}` : what;
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\u001f")).digest("hex").slice(0, DIGITS);
}

function typeOf(message: string): string {
  return /^[\w.]*(?:Error|Exception|Warning|Exit|Interrupt)(?=:|$)/.exec(message)?.[0] ?? "";
}

/** `file.ts:function` of V8's and Python's frames, without lines, which move with every edit. */
function framesOf(stack: string): string[] {
  const frames: string[] = [];
  for (const line of stack.split("\n")) {
    const v8 = /^\s+at (?:async )?(?:(.+?) \()?(?:file:\/\/)?(.*?):\d+(?::\d+)?\)?$/.exec(line);
    const python = /^\s+File "(.*)", line \d+, in (.+)$/.exec(line);
    if (v8) frames.push(`${baseName(v8[2]!)}:${v8[1] ?? ""}`);
    else if (python) frames.push(`${baseName(python[1]!)}:${python[2]}`);
  }
  // Python tells the innermost frame last, V8 first
  return /^\s+File "/m.test(stack) ? frames.slice(-FRAMES) : frames.slice(0, FRAMES);
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1)!.replace(/\?.*$/, "");
}

/** Numbers, quoted texts and addresses are what differs between two messages of the same trouble. */
function withoutVariables(message: string): string {
  return message
    .slice(0, 1000)
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, "…")
    .replace(/\b0x[0-9a-f]+\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b/gi, "…")
    .replace(/\d+(?:\.\d+)?/g, "#");
}
