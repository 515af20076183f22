/** Records as the site returns them, made ready for use (protocol notes 6.2). */
import { type EntityRecord, isObject } from "./entity.ts";
import { type CallFacts, callName, ReplyError } from "./errors.ts";
import type { Answer } from "./rpc.ts";

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  win32: "local_path_windows",
  darwin: "local_path_mac",
  linux: "local_path_linux",
};

/**
 * One record of a reply; a list of one is unwrapped.
 * @throws ReplyError when it is no record
 */
export function readRecord(results: unknown, facts: CallFacts, uncertain = false): EntityRecord {
  const record = Array.isArray(results) && results.length === 1 ? results[0] : results;
  if (!isObject(record) || typeof record.type !== "string" || !Number.isSafeInteger(record.id)) {
    throw new ReplyError(`The site answered ${callName(facts)} without a record.`, facts, { uncertain });
  }
  return finishRecord(record as EntityRecord);
}

/** The record that a write returned. */
export function writtenRecord({ results, facts }: Answer): EntityRecord {
  return readRecord(results, facts, true);
}

/** @throws ReplyError when one of them is no record */
export function readRecords(entities: unknown, facts: CallFacts): EntityRecord[] {
  if (!Array.isArray(entities)) {
    throw new ReplyError(`The site answered ${callName(facts)} without a list of entities.`, facts);
  }
  for (const entity of entities) readRecord(entity, facts);
  return entities;
}

/**
 * A reply that must be an object.
 * @throws ReplyError
 */
export function answered<T extends object>({ results, facts }: Answer): T {
  if (isObject(results)) return results as T;
  throw new ReplyError(`The site answered ${callName(facts)} without an object.`, facts);
}

/**
 * A reply that must be a list of objects.
 * @throws ReplyError
 */
export function answeredList({ results, facts }: Answer): Record<string, unknown>[] {
  if (Array.isArray(results) && results.every(isObject)) return results;
  throw new ReplyError(`The site answered ${callName(facts)} without a list.`, facts);
}

/** Texts come with `<` as `&lt;`; links to local files come without the path for this machine. In place. */
export function finishRecord(
  record: EntityRecord,
  platform: NodeJS.Platform = process.platform,
): EntityRecord {
  for (const field of Object.keys(record)) {
    const value = record[field];
    if (typeof value === "string") {
      if (value.includes("&lt;")) record[field] = value.replaceAll("&lt;", "<");
    } else if (isObject(value) && value.link_type === "local") {
      addLocalPath(value, PLATFORMS[platform]);
    }
  }
  return record;
}

function addLocalPath(link: Record<string, unknown>, key: string | undefined): void {
  if (key === undefined || !(key in link)) return;
  link.local_path = link[key];
  link.url = `file://${link[key] ?? ""}`;
}
