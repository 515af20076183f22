/** Places that take alerts: a real mail server and a real web server on 127.0.0.1. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";

const FIXTURES = join(import.meta.dirname, "../client/fixtures");
export const CERTIFICATE = join(FIXTURES, "localhost-cert.pem");

export interface Mail extends Email {
  /** As the envelope said. */
  recipients: string[];
  raw: string;
  secure: boolean;
  user: string | null;
}

export interface Mailbox {
  port: number;
  mails: Mail[];
  /** Connections made so far. */
  connections: () => number;
  close(): Promise<void>;
}

/** Takes mail. `refuse`: an error for a receiver's address, or null. */
export async function openMailbox(
  options: SMTPServerOptions & {
    port?: number;
    refuse?: (address: string) => (Error & { responseCode?: number }) | null;
  } = {},
): Promise<Mailbox> {
  const mails: Mail[] = [];
  let connections = 0;
  const { port = 0, refuse = () => null, ...more } = options;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    ...more,
    onConnect(_session, callback) {
      connections += 1;
      callback();
    },
    onRcptTo: ({ address }, _session, callback) => callback(refuse(address)),
    onData(stream, session, callback) {
      void text(stream).then(async (raw) => {
        const mail = await PostalMime.parse(raw);
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({
          ...mail,
          recipients,
          raw,
          secure: session.secure,
          user: session.user ? String(session.user) : null,
        });
        callback();
      });
    },
  });
  server.on("error", () => {});
  server.listen(port, "127.0.0.1");
  await once(server.server, "listening");
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  onTestFinished(close);
  return { port: portOf(server.server), mails, connections: () => connections, close };
}

export function withCertificate(): Pick<SMTPServerOptions, "key" | "cert" | "disabledCommands"> {
  return {
    key: readFileSync(join(FIXTURES, "localhost-key.pem")),
    cert: readFileSync(CERTIFICATE),
    disabledCommands: [],
  };
}

export function portOf(server: Pick<Server, "address">): number {
  return (server.address() as AddressInfo).port;
}

export interface Posted {
  headers: IncomingHttpHeaders;
  body: Record<string, unknown> & { text?: string };
}

/** Takes posts. `answer` says with which status; null: not at all. */
export async function openReceiver(
  answer: (
    count: number,
  ) => { status: number; text?: string; headers?: Record<string, string> } | null = () => ({
    status: 200,
    text: "ok",
  }),
) {
  const posts: Posted[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      count += 1;
      const given = answer(count);
      if (!given) return;
      const { status, text: reply = "", headers = {} } = given;
      if (status < 300) posts.push({ headers: request.headers, body: JSON.parse(body) });
      response.writeHead(status, headers).end(reply);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${portOf(server)}/hook`, posts, asked: () => count };
}
