/** Values on their way out and in (protocol notes 6): dates, floats, big whole numbers, and what cannot be sent. */

import { Float, rawNumber } from "../json.ts";
import { BadArgument, show } from "./argument.ts";
import { type EntityRef, isObject } from "./entity.ts";

/** Deeper than any real value; a cycle ends here. */
const MAX_DEPTH = 100;

/**
 * A value as `JSON.stringify` will send it: a `Date` as `YYYY-MM-DDTHH:MM:SSZ` (the fraction is dropped), a `Float` with
 * its point, a `bigint` with all digits. Never changes its argument.
 * @param path where the value stands, for messages
 * @throws BadArgument for undefined, NaN, an invalid Date, a Map, bytes and whatever else JSON cannot carry
 */
export function outbound(value: unknown, path: string, depth = 0): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      throw new BadArgument(`${path} is ${value}, which cannot be sent`);
    case "bigint":
      return rawNumber(value);
    case "object":
      return value === null ? null : outboundObject(value, path, depth);
    case "undefined":
      throw new BadArgument(`${path} is undefined; use null for "empty"`);
    default:
      throw new BadArgument(`${path} is a ${typeof value}, which cannot be sent`);
  }
}

function outboundObject(value: object, path: string, depth: number): unknown {
  if (depth > MAX_DEPTH)
    throw new BadArgument(`${path.slice(0, 80)}… is nested more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) {
    return Array.from(value, (item, index) => outbound(item, `${path}[${index}]`, depth + 1));
  }
  if (value instanceof Date) return dateText(value, path);
  if (value instanceof Float) {
    if (Number.isFinite(value.value)) return rawNumber(value);
    throw new BadArgument(`${path} is float(${value.value}), which cannot be sent`);
  }
  if (!isPlain(value)) throw new BadArgument(`${path} is a ${value.constructor.name}, which cannot be sent`);
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    copy[key] = outbound(item, path === "" ? key : `${path}.${key}`, depth + 1);
  }
  return copy;
}

function dateText(date: Date, path: string): string {
  const year = date.getUTCFullYear();
  if (Number.isNaN(year)) throw new BadArgument(`${path} is an invalid Date`);
  if (year < 1 || year > 9999)
    throw new BadArgument(`${path} is a Date in the year ${year}, which cannot be sent`);
  return `${date.toISOString().slice(0, 19)}Z`;
}

// An object literal, also one made in another realm or without a prototype.
function isPlain(value: object): boolean {
  const proto = Object.getPrototypeOf(value);
  return proto === null || Object.getPrototypeOf(proto) === null;
}

/**
 * An entity given as an argument, as it is sent: with all its keys.
 * @throws BadArgument
 */
export function requireEntity(entity: unknown, what: string): EntityRef {
  if (!isObject(entity) || typeof entity.type !== "string" || !Number.isSafeInteger(entity.id)) {
    throw new BadArgument(`${what} must be an entity like { type: "Shot", id: 862 }, got ${show(entity)}`);
  }
  return outbound(entity, what) as EntityRef;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\dZ$/;

/**
 * A reply with every text of exactly the form `YYYY-MM-DDTHH:MM:SSZ` turned into a `Date`, at any depth and in any
 * field, as the official client does; texts that are no real moment stay. Changes arrays and objects in place.
 */
export function inboundDates(value: unknown): unknown {
  if (typeof value === "string") return dateOf(value) ?? value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) value[index] = inboundDates(value[index]);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (typeof item === "string" ? item.length === 20 : typeof item === "object") {
        value[key] = inboundDates(item);
      }
    }
  }
  return value;
}

/** The moment that a text of exactly this form names; null for any other. */
export function dateOf(text: string): Date | null {
  if (text.length !== 20) return null;
  const match = DATE_TIME.exec(text);
  if (!match) return null;
  const date = new Date(text);
  // 30 February parses as 1 March, and 24:00 as the next day.
  return date.getUTCDate() === Number(match[3]) ? date : null;
}
