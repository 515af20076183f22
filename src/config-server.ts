/** The section `server` of the configuration: the control API, the page, metrics and the webhook doorbell. */
import { isIP } from "node:net";
import { z } from "zod";
import { line, secret, section, wholeNumber, yesOrNo } from "./config-kinds.ts";

const HOST = 'must be an address of this machine such as "127.0.0.1" or "0.0.0.0"';
const NAMES = 'must be a list of host names such as ["callsheet.studio.lan"]';

export const serverSection = section({
  /** false: no server at all; commands for a running daemon do not work then. */
  enabled: yesOrNo.default(true),
  /** Address to listen on. Any but a loopback address needs a token. */
  host: line(HOST).default("127.0.0.1"),
  /** 0: any that is free. Default: 7879, or any that is free when that is taken. */
  port: wholeNumber(0, 65_535).optional(),
  /** What every request has to show, at least 16 characters. Default: none, which only a loopback address allows. */
  token: secret.optional(),
  /** Names by which browsers and proxies ask for this server, besides addresses and this machine's own name. */
  names: z.array(line(NAMES), { error: NAMES }).default([]),
  /** Secret token of the site's webhook; with it `POST /webhooks/fpt` is there. */
  webhookSecret: secret.optional(),
}).superRefine(({ enabled, host, token }, context) => {
  if (enabled && !isLoopback(host) && token === undefined)
    context.addIssue({
      code: "custom",
      path: ["token"],
      message: `must be set when server.host is ${host}, which others can reach`,
    });
});

export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
