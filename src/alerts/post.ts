/** Webhooks: Slack and chats like it, and plain JSON. Through a proxy where HTTPS_PROXY, HTTP_PROXY and NO_PROXY say so. */
import { createHash } from "node:crypto";
import { CallsheetError } from "../errors.ts";
import { chatOf } from "./chat.ts";
import { jsonOf } from "./json.ts";
import { networkTrouble, notSent } from "./not-sent.ts";
import type { SendError, Sink } from "./sink.ts";
import type { View } from "./view.ts";

interface PostTarget {
  /** `slack 1`, `webhook 2`: the place in its list, for people. */
  name: string;
  /** As in the configuration: a text, or a list of texts. */
  url: string;
  headers?: Record<string, string>;
  body(view: View): object;
}

export function openSlack(urls: readonly string[], patienceMs?: number): Sink[] {
  return urls.map((url, index) => openPost({ name: `slack ${index + 1}`, url, body: chatOf }, patienceMs));
}

export function openWebhooks(
  hooks: readonly { url: string; token?: string | undefined }[],
  patienceMs?: number,
): Sink[] {
  return hooks.map(({ url, token }, index) =>
    openPost(
      {
        name: `webhook ${index + 1}`,
        url,
        ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
        body: jsonOf,
      },
      patienceMs,
    ),
  );
}

/** Stays the same when the list is put in another order, and does not tell the address. */
export function keyOf(url: string): string {
  return createHash("sha256").update(url).digest("hex").slice(0, 12);
}

const PATIENCE_MS = 20_000;
const LONGEST_ANSWER = 300;

function openPost(target: PostTarget, patienceMs = PATIENCE_MS): Sink {
  const { name, headers = {}, body } = target;
  const url = URL.parse(target.url);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new CallsheetError(
      "CONFIG_INVALID",
      `The address of ${name} in alerts is not an http or https address.`,
      {
        hint: "Give it the whole address, such as https://hooks.slack.com/services/…; it is not shown here, as it is a secret.",
      },
    );
  }
  const closing = new AbortController();
  let http: ReturnType<typeof openHttp> | null = null;
  return {
    name,
    // the path of such an address is its key
    place: url.host,
    async send(view) {
      http ??= openHttp();
      const { request, dispatcher } = await http;
      const late = AbortSignal.timeout(patienceMs);
      const signal = AbortSignal.any([late, closing.signal]);
      try {
        const {
          statusCode,
          headers: answered,
          body: reply,
        } = await request(url, {
          method: "POST",
          headers: {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "callsheet",
            ...headers,
          },
          body: JSON.stringify(body(view)),
          dispatcher,
          signal,
        });
        const text = await firstLineOf(reply);
        if (statusCode >= 200 && statusCode < 300) return null;
        throw refusal(name, url.host, statusCode, text, String(answered["retry-after"] ?? ""));
      } catch (error) {
        if (error instanceof CallsheetError) throw error;
        const [what, hint] = late.aborted ? TOO_LATE : networkTrouble(error);
        throw notSent({ message: `${name} at ${url.host} cannot be reached: ${what}.`, hint, cause: error });
      }
    },
    greet: async () => false,
    async close() {
      closing.abort();
      await (await http)?.dispatcher.close();
    },
  };
}

const TOO_LATE = [
  "it did not answer in time",
  "See the server's log, and whether a proxy is between.",
] as const;

async function openHttp() {
  const { EnvHttpProxyAgent, request } = await import("undici");
  return { request, dispatcher: new EnvHttpProxyAgent({ connections: 1 }) };
}

/** The start of the answer: chats say there what they do not like. The rest is not waited for. */
async function firstLineOf(reply: AsyncIterable<Uint8Array> & { destroy(): unknown }): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of reply) {
    pieces.push(piece);
    size += piece.length;
    if (size >= LONGEST_ANSWER) break;
  }
  return Buffer.concat(pieces).toString("utf8").split("\n")[0]!.slice(0, LONGEST_ANSWER).trim();
}

function refusal(name: string, host: string, status: number, text: string, retryAfter: string): SendError {
  const said = text === "" ? "" : ` (it said: ${text})`;
  const busy = status === 429 || status >= 500;
  const seconds = Number(retryAfter);
  return notSent({
    message: `${name} at ${host} answered ${status}${said}.`,
    hint: busy ? "It is tried again." : "Check the address, the token, and whether the channel still exists.",
    refused: !busy,
    ...(retryAfter !== "" && Number.isFinite(seconds) && { retryAfterMs: seconds * 1000 }),
  });
}
