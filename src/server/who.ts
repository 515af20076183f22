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
  return { by: by === undefined ? `somebody at ${ip}` : oneLine(by), why: oneLine(why) };
}
