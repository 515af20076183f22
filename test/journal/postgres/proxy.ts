/** A TCP proxy before the database, which loses what it is told to lose. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface LossyProxy {
  port: number;
  /** Requests still arrive, answers do not: on every connection that is there, from one that holds this text on. */
  loseAnswersTo(text: string): void;
  /** Breaks every connection off. */
  breakAll(): void;
  /** Whether new connections are refused. */
  refuse(yes: boolean): void;
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket;
  from: string | null;
  losing: boolean;
}

export async function startProxy(target: number): Promise<LossyProxy> {
  const pairs = new Set<Pair>();
  let refusing = false;
  const server = createServer((near) => {
    if (refusing) return void near.resetAndDestroy();
    const far = connect(target, "127.0.0.1");
    const pair: Pair = { near, far, from: null, losing: false };
    pairs.add(pair);
    near.on("data", (bytes) => {
      if (pair.from !== null && bytes.includes(pair.from)) pair.losing = true;
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (!pair.losing) near.write(bytes);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const breakAll = () => {
    for (const { near } of pairs) near.resetAndDestroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    loseAnswersTo(text) {
      for (const pair of pairs) pair.from = text;
    },
    breakAll,
    refuse(yes) {
      refusing = yes;
    },
    async close() {
      breakAll();
      server.close();
      await once(server, "close");
    },
  };
}
