/** Checks what a plugin passes to `registerCallback`, and turns it into one form. */
import { inspect } from "node:util";
import type { CallbackInfo } from "../../daemon/host.ts";
import { durationMs } from "../../duration.ts";
import { CallsheetError } from "../../errors.ts";
import type { Callback, CallbackOptions } from "../../plugin.ts";

/** One registered callback, with what stays in the host. */
export interface Registration extends CallbackInfo {
  scriptKey: string;
  callback: Callback;
  args: unknown;
}

const POSITIONS = ["scriptName", "scriptKey", "callback", "matchEvents", "args", "stopOnError"] as const;
const OPTIONS = [...POSITIONS, "name", "retry", "timeout"];
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const DURATION = 'Give milliseconds or a text such as "500ms", "30s" or "5m".';

/** @throws CallsheetError PLUGIN_REGISTRATION that names the argument, the value and the fix */
export function checkRegistration(given: readonly unknown[], before: readonly Registration[]): Registration {
  const options = optionsFrom(given);
  const scriptName = credential("scriptName", options.scriptName);
  const scriptKey = credential("scriptKey", options.scriptKey);
  const callback = callbackFrom(options.callback);
  const index = before.length;
  const name = nameFrom(options.name, callback, index);
  return {
    index,
    name,
    key: freeKey(name, before),
    scriptName,
    scriptKey,
    callback,
    args: options.args,
    matchEvents: matchEventsFrom(options.matchEvents),
    stopOnError: flag("stopOnError", options.stopOnError),
    retry: retryFrom(options.retry),
    timeoutMs: options.timeout === undefined ? null : duration("timeout", options.timeout, 1),
  };
}

type Given = Partial<Record<keyof CallbackOptions, unknown>>;

function optionsFrom(given: readonly unknown[]): Given {
  const [first] = given;
  if (given.length === 1 && typeof first === "object" && first !== null && !Array.isArray(first)) {
    const unknown = Object.keys(first).find((key) => !OPTIONS.includes(key));
    if (unknown === undefined) return first;
    throw refused(`there is no option ${JSON.stringify(unknown)}`, `The options are ${OPTIONS.join(", ")}.`);
  }
  if (given.length > POSITIONS.length)
    throw refused(
      `${given.length} arguments were given, and it takes at most ${POSITIONS.length}`,
      "Pass one object for more options.",
    );
  return Object.fromEntries(POSITIONS.map((name, i) => [name, given[i]]));
}

/** The value of a credential is never shown: the two are easily swapped. */
function credential(argument: "scriptName" | "scriptKey", value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  const got = value === "" ? "empty" : typeof value === "string" ? "blank" : `${typeName(value)}, not a text`;
  throw refused(
    `${argument} is ${got}`,
    value === undefined ? "If it comes from process.env, set that variable for the daemon." : undefined,
  );
}

function callbackFrom(value: unknown): Callback {
  if (typeof value === "function") return value as Callback;
  // A text in this place may well be the key.
  const got = typeof value === "string" ? "a text" : show(value);
  throw refused(`callback is ${got}, not a function`, "Pass the function itself, without calling it.");
}

function nameFrom(given: unknown, callback: Callback, index: number): string {
  if (given === undefined) return callback.name.replace(/^bound /, "") || `callback ${index + 1}`;
  if (typeof given === "string" && given.trim() !== "") return given;
  throw refused(`name is ${show(given)}`, "Give a text, or leave it out.");
}

function freeKey(name: string, before: readonly Registration[]): string {
  const taken = new Set(before.map(({ key }) => key));
  let key = name;
  for (let use = 2; taken.has(key); use += 1) key = `${name}#${use}`;
  return key;
}

const MATCH_FIX = 'Give null for every event, or { Shotgun_Task_Change: ["sg_status_list"] }.';

function matchEventsFrom(value: unknown): CallbackInfo["matchEvents"] {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || Array.isArray(value))
    throw refused(`matchEvents is ${show(value)}, not an object`, MATCH_FIX);
  const entries = Object.entries(value).map(([type, fields]) => [type, fieldsFrom(type, fields)] as const);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function fieldsFrom(type: string, fields: unknown): string[] | string | null {
  if (fields === null || typeof fields === "string") return fields;
  if (Array.isArray(fields) && fields.every((field) => typeof field === "string")) return [...fields];
  throw refused(
    `matchEvents[${JSON.stringify(type)}] is ${show(fields)}`,
    "Give a list of field names, or null for every field.",
  );
}

function flag(argument: string, value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value === "boolean") return value;
  throw refused(`${argument} is ${show(value)}`, "Give true or false.");
}

function retryFrom(value: unknown): CallbackInfo["retry"] {
  if (value === undefined) return { attempts: 0, backoffMs: 1000 };
  const fix = 'Give { attempts: 3, backoff: "1s" }.';
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refused(`retry is ${show(value)}`, fix);
  const { attempts, backoff, ...rest } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw refused(`there is no option retry.${unknown}`, fix);
  if (typeof attempts !== "number" || !Number.isInteger(attempts) || attempts < 0)
    throw refused(`retry.attempts is ${show(attempts)}`, "Give a whole number, 0 or more.");
  return { attempts, backoffMs: backoff === undefined ? 1000 : duration("retry.backoff", backoff, 0) };
}

function duration(argument: string, value: unknown, least: number): number {
  const ms = typeof value === "number" || typeof value === "string" ? durationMs(value) : Number.NaN;
  if (ms >= least && ms <= LONGEST_TIMER_MS) return ms;
  if (Number.isFinite(ms))
    throw refused(`${argument} is ${show(value)}`, `It must be ${least} ms to 24 days.`);
  throw refused(`${argument} is ${show(value)}`, DURATION);
}

export function refused(what: string, fix?: string, method = "registerCallback"): CallsheetError {
  return new CallsheetError(
    "PLUGIN_REGISTRATION",
    `${method}: ${what}.`,
    fix === undefined ? {} : { hint: fix },
  );
}

export function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  const text = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
