/** Who asks for a change, and why. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { Who } from "../daemon/operated.ts";

export const who = {
  by: z.string().trim().min(1).max(200).optional().describe("who asks; default: the address asked from"),
  why: z.string().trim().max(1000).default("").describe("the reason, for the log and the ledger"),
};

export const whoOnly = z.strictObject(who);

export function whoAsks({ by, why }: { by?: string | undefined; why: string }, { ip }: FastifyRequest): Who {
  // one line: it goes into logs
  const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, " ");
  // what somebody elsewhere says of himself does not stand alone
  const from = isLoopback(ip) ? "" : ` (at ${ip})`;
  return { by: by === undefined ? `somebody at ${ip}` : `${oneLine(by)}${from}`, why: oneLine(why) };
}

function isLoopback(ip: string): boolean {
  return ip === "::1" || /^(::ffff:)?127\./.test(ip);
}
