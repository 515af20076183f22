/** The HTTP transport against real servers, a real proxy and real sockets. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { openHttpTransport, type Transport, TransportError } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { connect, rejection } from "./connect.ts";
import { openProxy } from "./proxy.ts";
import { page, Recorder } from "./recorder.ts";

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);

describe("connections", () => {
  // Two and not one: the HTTP library frees a connection a moment after the reply is there.
  test("calls one after the other share their connections", async () => {
    await using site = await Recorder.open(() => page([]));
    await using client = connect(site.url);
    for (let n = 0; n < 20; n++) await client.sg.find("Shot", []);
    expect(site.requests).toHaveLength(20);
    expect(site.connections).toBeLessThanOrEqual(2);
  });

  test("calls at the same time use several, at most as many as allowed", async () => {
    let underWay = 0;
    let most = 0;
    await using site = await Recorder.open(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return {};
    });
    const transport = openHttpTransport({ connections: 3 });
    await using client = connect(site.url, { transport });
    await Promise.all(Array.from({ length: 12 }, (_, id) => client.sg.delete("Shot", id)));
    expect(site.requests).toHaveLength(12);
    expect(site.connections).toBeLessThanOrEqual(3);
    expect(most).toBeLessThanOrEqual(3);
    await transport.close();
  });

  test("an idle connection that the site closed is replaced without a word", async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    await using site = await Recorder.open((_request, index) => ({
      socket: (socket) => {
        const body = '{"results": true}';
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
        if (index === 0) socket.end().once("close", resolve);
      },
    }));
    await using client = connect(site.url);
    expect(await client.sg.delete("Shot", 1)).toBe(true);
    await closed;
    expect(await client.sg.delete("Shot", 2)).toBe(true);
    expect(site.connections).toBe(2);
    expect(site.requests).toHaveLength(2);
  });

  test("cookies of the site are not sent back", async () => {
    const headers = { "content-type": "application/json", "set-cookie": "_session_id=x" };
    await using site = await Recorder.open(() => ({ headers }));
    await using client = connect(site.url);
    await client.sg.delete("Shot", 1);
    await client.sg.delete("Shot", 2);
    expect(site.requests[1]?.headers.cookie).toBeUndefined();
  });

  test("after close the next call opens connections again; a transport that was given stays open", async () => {
    await using site = await Recorder.open(() => ({}));
    await using client = connect(site.url);
    await client.sg.delete("Shot", 1);
    await client.sg.close();
    expect(await client.sg.delete("Shot", 2)).toBe(true);
    expect(site.connections).toBe(2);

    const transport = openHttpTransport();
    const [one, two] = [connect(site.url, { transport }), connect(site.url, { transport })];
    await one.sg.delete("Shot", 3);
    await one.sg.close();
    expect(await two.sg.delete("Shot", 4)).toBe(true);
    await transport.close();
    expect(await rejection(two.sg.delete("Shot", 5))).toMatchObject({ code: "SITE_UNREACHABLE" });
  });
});

describe("compressed replies", () => {
  const text = JSON.stringify({ results: { entities: [{ type: "Shot", id: 1, code: "ñ".repeat(50_000) }] } });
  test.each<[string, string, (text: string) => Buffer]>([
    ["gzip", "gzip", gzipSync],
    ["deflate", "deflate", deflateSync],
    ["deflate without its header", "deflate", deflateRawSync],
  ])("%s", async (_name, encoding, compress) => {
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    await using site = await Recorder.open(() => ({ headers, body: compress(text) }));
    await using client = connect(site.url);
    expect((await client.sg.findOne("Shot", []))?.code).toBe("ñ".repeat(50_000));
    expect(site.requests[0]?.headers["accept-encoding"]).toBe("gzip, deflate");
  });

  test.each([
    ["cut short", "gzip", gzipSync(text).subarray(0, 60)],
    ["not compressed at all", "gzip", Buffer.from("no")],
    ["of another kind", "br", Buffer.from("no")],
  ])("%s: refused", async (_name, encoding, body) => {
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    await using site = await Recorder.open(() => ({ headers, body }));
    await using client = connect(site.url);
    const error = await rejection(client.sg.delete("Shot", 1));
    expect(error).toMatchObject({
      code: "SITE_UNREACHABLE",
      failure: "malformed",
      attempts: 1,
      uncertain: true,
    });
  });
});

describe("through a proxy", () => {
  test("everything goes through a CONNECT tunnel, also to a plain http site, and the connection is kept", async () => {
    await using site = await Recorder.open(() => page([]));
    await using proxy = await openProxy();
    await using client = connect(site.url, { httpProxy: `127.0.0.1:${proxy.port}` });
    for (let n = 0; n < 5; n++) await client.sg.find("Shot", []);
    expect(proxy.tunnels[0]).toEqual({ to: `127.0.0.1:${site.port}`, authorization: undefined });
    expect(proxy.tunnels.length).toBeLessThanOrEqual(2);
    expect(site.connections).toBe(proxy.tunnels.length);
    expect(site.requests).toHaveLength(5);
  });

  test("user and password go to the proxy, and only there", async () => {
    await using site = await Recorder.open(() => ({}));
    await using proxy = await openProxy();
    await using client = connect(site.url, { httpProxy: `jane:p@ss:word@127.0.0.1:${proxy.port}` });
    await client.sg.delete("Shot", 1);
    const authorization = `Basic ${Buffer.from("jane:p@ss:word").toString("base64")}`;
    expect(proxy.tunnels).toEqual([{ to: `127.0.0.1:${site.port}`, authorization }]);
    expect(site.requests[0]?.headers["proxy-authorization"]).toBeUndefined();
  });

  test("to a TLS site, with its certificate checked", async () => {
    const tls = {
      key: readFileSync(fixture("localhost-key.pem")),
      cert: readFileSync(fixture("localhost-cert.pem")),
    };
    await using site = await Recorder.open(() => ({}), { server: createHttpsServer(tls), scheme: "https" });
    await using proxy = await openProxy();
    const httpProxy = `127.0.0.1:${proxy.port}`;
    await using trusting = connect(site.url, { httpProxy, caCerts: fixture("localhost-cert.pem").pathname });
    expect(await trusting.sg.delete("Shot", 1)).toBe(true);
    await using doubting = connect(site.url, { httpProxy, retry: { tlsAttempts: 1 } });
    expect(await rejection(doubting.sg.delete("Shot", 1))).toMatchObject({ failure: "tls" });
    expect(site.requests).toHaveLength(1);
  });

  test("a proxy that refuses is named as the trouble, without its password", async () => {
    await using proxy = await openProxy(407);
    await using client = connect("http://127.0.0.1:9", { httpProxy: `jane:hunter2@127.0.0.1:${proxy.port}` });
    const error = await rejection(client.sg.delete("Shot", 1));
    expect(error).toMatchObject({ code: "SITE_UNREACHABLE", failure: "proxy", uncertain: false });
    expect((error as Error).message).toContain("407");
  });

  test("a proxy that is not there", async () => {
    await using client = connect("http://127.0.0.1:9", { httpProxy: `127.0.0.1:${await freePort()}` });
    expect(await rejection(client.sg.delete("Shot", 1))).toMatchObject({
      failure: "refused",
      uncertain: false,
    });
  });
});

describe("time", () => {
  test("timeoutMs covers the wait for the reply", async () => {
    await using site = await Recorder.open(() => ({ socket: () => {} }));
    await using client = connect(site.url, { timeoutMs: 50 });
    const error = await rejection(client.sg.create("Shot", {}));
    expect(error).toMatchObject({ failure: "timeout", attempts: 1, retriable: true, uncertain: true });
    expect((error as Error).message).toContain("no whole reply within 50 ms");
  });

  test("and also a reply that trickles for ever", async () => {
    const timers: NodeJS.Timeout[] = [];
    await using site = await Recorder.open(() => ({
      socket: (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n");
        timers.push(setInterval(() => socket.write(" "), 5));
      },
    }));
    await using client = connect(site.url, { timeoutMs: 100 });
    expect(await rejection(client.sg.find("Shot", []))).toMatchObject({ failure: "timeout" });
    for (const timer of timers) clearInterval(timer);
  });
});

describe("how a request can break", () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ["closed before a byte", (socket) => socket.destroy(), "closed"],
    ["reset before a byte", (socket) => socket.resetAndDestroy(), "closed"],
    ["no HTTP", (socket) => socket.end("not http at all\r\n\r\n"), "malformed"],
    ["cut in the body", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{}"), "cut"],
    [
      "cut in a chunk",
      (socket) => socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}"),
      "cut",
    ],
    [
      "reset in the body",
      (socket) =>
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{}", () => socket.resetAndDestroy()),
      "cut",
    ],
  ])("%s", async (_name, socket, failure) => {
    await using site = await Recorder.open(() => ({ socket }));
    const transport = openHttpTransport();
    const error = await rejection(post(transport, site.url));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ failure });
    expect((error as Error).message).not.toBe("");
    expect(site.requests).toHaveLength(1);
    await transport.close();
  });

  test("a host name that does not exist, a port where nothing listens", async () => {
    const transport = openHttpTransport();
    expect(await rejection(post(transport, "http://no-such-host.invalid"))).toMatchObject({
      failure: "unknown-host",
    });
    const port = await freePort();
    expect(await rejection(post(transport, `http://127.0.0.1:${port}`))).toMatchObject({
      failure: "refused",
    });
    await transport.close();
  });
});

test("a certificate file that cannot be read is named", () => {
  expect(() => openHttpTransport({ caCerts: "/no/such/file.pem" })).toThrow(
    "/no/such/file.pem cannot be read",
  );
});

test("a client with wrong settings for its transport says so in each call, and closes without complaint", async () => {
  await using client = connect("http://127.0.0.1:9", { caCerts: "/no/such/file.pem" });
  expect(await rejection(client.sg.info())).toMatchObject({ code: "SITE_ARGUMENT" });
  expect(await rejection(client.sg.delete("Shot", 1))).toMatchObject({ code: "SITE_ARGUMENT" });
});

test.each(["http://someserver.com", "host:port", "host:99999", "", "two words:80"])(
  "the proxy address %j is refused without being repeated",
  (httpProxy) => {
    const secret = `jane:hunter2@${httpProxy}`;
    expect(() => openHttpTransport({ httpProxy: secret })).toThrow(
      "The httpProxy address is not understood.",
    );
  },
);

function post(transport: Transport, url: string) {
  return transport.send(
    { url, method: "POST", headers: {}, body: '{"method_name": "x"}' },
    { timeoutMs: 20_000 },
  );
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
