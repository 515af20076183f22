/** `callsheet sandbox`: an FPT site in a box that runs until it is told to end. */
import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { asError, CallsheetError } from "../errors.ts";
import type { Artists } from "../sandbox/artists.ts";
import { startArtists } from "../sandbox/artists.ts";
import type { Sandbox, SandboxOptions } from "../sandbox/open.ts";
import { openSandbox } from "../sandbox/open.ts";
import type { Recording } from "../sandbox/recording/record.ts";
import { startRecording } from "../sandbox/recording/record.ts";
import type { Replay } from "../sandbox/recording/replay.ts";
import { startReplay } from "../sandbox/recording/replay.ts";
import type { SchemaReply } from "../sandbox/schema/studio-schema.ts";

export interface SandboxCommandOptions {
  /** 0 = any free port. */
  port: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Print one JSON line when ready, instead of the summary. */
  json: boolean;
  /** Path of a SQLite file; default: in memory. */
  storage?: string;
  /** `NAME:KEY`; default: a random key. */
  script?: string;
  /** `LOGIN:PASSWORD`; default: a random password. */
  user?: string;
  /** A JSON file: what `schema_read` of a studio's site answers. */
  schema?: string;
  /** Default "none". */
  studio?: "none" | "small" | "feature-film";
  /** How many artists keep changing things; default 0. */
  artists?: number;
  /** Keep everything that is written in this new file. */
  record?: string;
  /** Do again what such a file tells, at its pace. */
  replay?: string;
}

export interface CommandIo {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  /** Ends the command. */
  signal: AbortSignal;
}

const MAX_ARTISTS = 100;

/**
 * Runs until `io.signal` aborts; resolves with the exit status.
 * @throws CallsheetError USAGE, PORT_IN_USE
 */
export async function runSandbox(options: SandboxCommandOptions, io: CommandIo): Promise<number> {
  const count = artistCount(options.artists);
  const sandbox = await openSandbox(sandboxOptions(options));
  let artists: Artists | undefined;
  let recording: Recording | undefined;
  let replay: Replay | undefined;
  try {
    if (options.record !== undefined) recording = startRecording(sandbox, options.record);
    if (options.replay !== undefined) replay = startReplay(sandbox, options.replay);
    if (count > 0) artists = startArtists(sandbox, { count, events: sandbox.site.events });
    io.stdout.write(options.json ? readyLine(sandbox) : summary(sandbox, options, io.stdout));
    await aborted(io.signal);
    return 0;
  } finally {
    await artists?.stop();
    await replay?.stop();
    recording?.stop();
    await sandbox.close();
  }
}

function sandboxOptions(options: SandboxCommandOptions): SandboxOptions {
  const { port, host, storage, script, user, schema, studio = "none" } = options;
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new CallsheetError("USAGE", `--port must be a whole number from 0 to 65535, got ${port}.`);
  if (!["none", "small", "feature-film"].includes(studio))
    throw new CallsheetError("USAGE", `--studio must be none, small or feature-film, got ${studio}.`);
  const result: SandboxOptions = { port, studio };
  if (host !== undefined) result.host = host;
  if (storage !== undefined) result.storage = storage;
  if (schema !== undefined) result.schema = readSchema(schema);
  if (script !== undefined) {
    const [name, key] = pair(script, "--script", "NAME:KEY");
    result.scripts = [{ name, key }];
  }
  if (user !== undefined) {
    const [login, password] = pair(user, "--user", "LOGIN:PASSWORD");
    result.users = [{ login, password }];
  }
  return result;
}

function readSchema(path: string): SchemaReply {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CallsheetError("USAGE", `--schema ${path} cannot be read: ${asError(error).message}.`, {
      hint: "Give a JSON file of what schema_read of a site answers.",
      cause: error,
    });
  }
}

// The value holds a secret, so the message does not repeat it.
function pair(text: string, option: string, form: string): [string, string] {
  const colon = text.indexOf(":");
  if (colon < 1 || colon === text.length - 1)
    throw new CallsheetError("USAGE", `${option} must look like ${form}, with something on both sides.`);
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function artistCount(count = 0): number {
  if (Number.isInteger(count) && count >= 0 && count <= MAX_ARTISTS) return count;
  throw new CallsheetError(
    "USAGE",
    `--artists must be a whole number from 0 to ${MAX_ARTISTS}, got ${count}.`,
  );
}

function readyLine(sandbox: Sandbox): string {
  const { url, scriptName: script_name, scriptKey: script_key, login, password } = sandbox;
  return `${JSON.stringify({ url, script_name, script_key, login, password })}\n`;
}

function summary(sandbox: Sandbox, options: SandboxCommandOptions, stream: NodeJS.WritableStream): string {
  const bold = (text: string) => styleText("bold", text, { stream });
  const dim = (text: string) => styleText("dim", text, { stream });
  const rows: [string, string][] = [
    ["site", styleText("cyan", sandbox.url, { stream })],
    ["script", `${bold(sandbox.scriptName)}  ${dim("key")} ${sandbox.scriptKey}`],
    ["person", `${bold(sandbox.login)}  ${dim("password")} ${sandbox.password}`],
    ["storage", options.storage ?? "in memory, gone when it ends"],
  ];
  if (options.studio === "small") rows.push(["studio", "a small one, at work on Kites over Marrow Lane"]);
  if (options.studio === "feature-film") rows.push(["studio", "The Tidewright's Daughter, a feature film"]);
  if (options.artists) rows.push(["artists", `${options.artists}, changing things all the time`]);
  if (options.record !== undefined) rows.push(["record", options.record]);
  if (options.replay !== undefined) rows.push(["replay", options.replay]);
  const lines = rows.map(([name, value]) => `  ${dim(name.padEnd(8))} ${value}`);
  const head = `${styleText("green", "●", { stream })} ${bold("Callsheet sandbox")} is ready`;
  return `${head}\n${lines.join("\n")}\n  ${dim("Ctrl-C ends it.")}\n`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
