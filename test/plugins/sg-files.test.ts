/** Files through `sg`: the daemon's process sends and fetches them, and a plugin's thread gets them piece by piece. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openHttpTransport } from "../../src/client/http.ts";
import type { Transport } from "../../src/client/transport.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { Room, run } from "./room.ts";

let transport: Transport;
let room: Room;
let site: Sandbox | null = null;
let server: Server | null = null;

beforeEach(() => {
  transport = openHttpTransport();
});

afterEach(async () => {
  await room.close();
  await transport.close();
  await site?.close();
  server?.closeAllConnections();
  server?.close();
  site = null;
  server = null;
});

const plugin = (body: string, credentials = '"s", "k"') =>
  `import { writeFileSync } from "node:fs";
  export function registerCallbacks(reg) { reg.registerCallback(${credentials}, on); }
  async function on(sg, logger, event) { ${body} }`;

test("a plugin uploads a file and downloads it again", async () => {
  site = await openSandbox({ studio: "small" });
  room = await Room.open({ siteUrl: site.url, transport, siteTimeoutMs: 20_000 });
  const { host, heard } = await room.load(
    "a.ts",
    plugin(
      `const path = import.meta.dirname + "/movie.mov";
    writeFileSync(path, Buffer.alloc(3_000_000, "x"));
    const project = await sg.findOne("Project", []);
    const version = await sg.create("Version", { project, code: "v1" });
    const id = await sg.upload("Version", version.id, path, "sg_uploaded_movie");
    let received = 0;
    const bytes = await sg.downloadAttachment(id, { onProgress: (now) => { received = now.received; } });
    logger.info("%d %d %s", bytes.length, received, bytes.every((byte) => byte === 120));`,
      `${JSON.stringify(site.scriptName)}, ${JSON.stringify(site.scriptKey)}`,
    ),
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(["3000000 3000000 true"]);
});

/** A site whose one file never ends, unless it is cut. */
async function endless(onFile: (socket: Socket) => void): Promise<string> {
  server = createServer((request, reply) => {
    if (request.url !== "/file_serve/attachment/7") {
      reply.setHeader("content-type", "application/json");
      return reply.end('{"version": [8, 80, 0], "session_id": "s-1"}');
    }
    reply.writeHead(200, { "content-length": "5000" });
    reply.write("the beginning");
    onFile(request.socket);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server!.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a file arrives piece by piece, and can be aborted in the middle", async () => {
  const closed = Promise.withResolvers<void>();
  const siteUrl = await endless((socket) => socket.once("close", () => closed.resolve()));
  room = await Room.open({ siteUrl, transport, siteTimeoutMs: 20_000 });
  const { host, heard } = await room.load(
    "a.ts",
    plugin(`const abort = new AbortController();
    const onProgress = ({ received, total }) => { logger.info("%d of %d", received, total); abort.abort(); };
    await sg.downloadAttachment(7, { onProgress, signal: abort.signal }).catch((error) => logger.info(error.code));`),
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(["13 of 5000", "SITE_ABORTED"]);
  await closed.promise;
});

test("a file that is cut is told with how it broke", async () => {
  const siteUrl = await endless((socket) => setImmediate(() => socket.end()));
  room = await Room.open({ siteUrl, transport, siteTimeoutMs: 20_000 });
  const { host, heard } = await room.load(
    "a.ts",
    plugin(
      `await sg.downloadAttachment(7).catch((error) => logger.info("%s %s", error.code, error.failure));`,
    ),
  );
  host.hand(run(1, 1));
  await heard.untilDone(1);
  expect(heard.messages).toEqual(["SITE_UNREACHABLE cut"]);
});

test("a thread that ends in the middle of a file gives its connection back", async () => {
  const closed = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const siteUrl = await endless((socket) => {
    socket.once("close", () => closed.resolve());
    began.resolve();
  });
  room = await Room.open({ siteUrl, transport, siteTimeoutMs: 20_000 });
  const { host } = await room.load("a.ts", plugin("await sg.downloadAttachment(7);"));
  host.hand(run(1, 1));
  await began.promise;
  await host.kill();
  await closed.promise;
});
