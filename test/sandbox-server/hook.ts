/** A consumer of webhooks: a real server that keeps what it gets. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";

export interface Got {
  headers: IncomingHttpHeaders;
  body: string;
  data: Record<string, unknown> & { deliveries?: Record<string, unknown>[] };
}

export interface Consumer {
  url: string;
  got: Got[];
  /** HTTP status of the answers; 0: none at all. Read anew for each request. */
  status: number;
  text: string;
  /** Goes on writing until the caller has enough. */
  endless: boolean;
}

function* repeated(): Generator<string> {
  for (;;) yield "x".repeat(1000);
}

export async function consumer(): Promise<Consumer> {
  const self: Consumer = { url: "", got: [], status: 200, text: "ok", endless: false };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    self.got.push({ headers: request.headers, body, data: JSON.parse(body).data });
    if (self.endless) Readable.from(repeated()).pipe(response);
    else if (self.status !== 0) response.writeHead(self.status).end(self.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return self;
}
