/** A server that dies in the very moment at which one statement was answered and the next is about to be sent. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import { isAway } from "../../../src/journal/postgres/trouble.ts";
import { startProxy } from "./proxy.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

/** ErrorResponse of the wire protocol, as a server sends it before it closes the connection. */
function lastWords(): Buffer {
  const fields = Buffer.from(
    "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0",
  );
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

describe.skipIf(withoutPostgres)("a server that dies between two statements", () => {
  const server = useServer();

  /** Its last words come with the answer that holds "marked". */
  async function dyingServer(): Promise<string> {
    const proxy = createServer((near) => {
      const far = connect(server.port, "127.0.0.1");
      near.pipe(far);
      for (const socket of [near, far]) socket.on("error", () => {});
      near.on("close", () => far.destroy());
      far.on("data", (bytes) => {
        if (bytes.includes("marked")) near.end(Buffer.concat([bytes, lastWords()]));
        else near.write(bytes);
      });
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    onTestFinished(() => void proxy.close());
    const url = new URL(server.url);
    url.port = String((proxy.address() as { port: number }).port);
    return url.href;
  }

  test("is away for the one that comes next, and ends no process", async () => {
    const url = await dyingServer();
    const times = { statementTimeoutMs: 10_000, connectTimeoutMs: 5000 };
    const engine = new Engine({ url, schema: "public", connections: 1, ...times });
    onTestFinished(() => engine.close());
    const first = engine.rows("SELECT 'marked' AS text");
    // it waits for the one connection
    const next = engine.transaction((session) => session.rows("SELECT 2 AS number")).catch((error) => error);
    expect(await first).toEqual([{ text: "marked" }]);
    // or its end was seen before it was given to the next, who has a new one
    const came = await next;
    if (Array.isArray(came)) expect(came).toEqual([{ number: 2 }]);
    else expect(isAway(came)).toBe(true);
    expect(await engine.rows("SELECT 3 AS number")).toEqual([{ number: 3 }]);
  });

  test("of a connection is away for whoever wanted it, and ends no process", async () => {
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const url = Object.assign(new URL(server.url), { port: proxy.port }).href;
    const times = { statementTimeoutMs: 10_000, connectTimeoutMs: 5000 };
    const engine = new Engine({ url, schema: "public", connections: 1, ...times });
    onTestFinished(() => engine.close());
    // it breaks while it is being made ready
    proxy.loseBy(() => 0);
    expect(isAway(await engine.rows("SELECT 1").catch((error) => error))).toBe(true);
    proxy.loseBy(() => null);
    expect(await engine.rows("SELECT 2 AS number")).toEqual([{ number: 2 }]);
  });
});
