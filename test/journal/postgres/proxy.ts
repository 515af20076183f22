/** A TCP proxy before the database, or the site, which loses or holds what it is told to. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface LossyProxy {
  port: number;
  /** Requests still arrive, answers do not: on every connection that is there, from one that holds this text on. */
  loseAnswersTo(text: string): void;
  /**
   * Asked at each request but a connection's first: for how long its answer is kept back, until the connection breaks, ms; null: it
   * passes. The request arrives in any case.
   */
  loseBy(choose: () => number | null): void;
  /** Breaks every connection off. */
  breakAll(): void;
  /** Whether new connections are refused. */
  refuse(yes: boolean): void;
  /** While true nothing passes and nobody is told, as when a cable is out; then everything that was sent arrives. */
  hold(yes: boolean): void;
  close(): Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket;
  from: string | null;
  /** It is past its first request. */
  greeted: boolean;
  losing: boolean;
}

export async function startProxy(target: number): Promise<LossyProxy> {
  const pairs = new Set<Pair>();
  let refusing = false;
  let holding = false;
  let choose: () => number | null = () => null;
  const server = createServer((near) => {
    if (refusing) return void near.resetAndDestroy();
    const far = connect(target, "127.0.0.1");
    const pair: Pair = { near, far, from: null, greeted: false, losing: false };
    pairs.add(pair);
    near.on("data", (bytes) => {
      if (pair.from !== null && bytes.includes(pair.from)) pair.losing = true;
      if (pair.greeted && !pair.losing) loseFor(pair, choose());
      pair.greeted = true;
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (!pair.losing) near.write(bytes);
    });
    if (holding) hold(pair, true);
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
    loseBy(next) {
      choose = next;
    },
    breakAll,
    refuse(yes) {
      refusing = yes;
    },
    hold(yes) {
      holding = yes;
      for (const pair of pairs) hold(pair, yes);
    },
    async close() {
      breakAll();
      server.close();
      await once(server, "close");
    },
  };
}

function hold({ near, far }: Pair, yes: boolean): void {
  for (const socket of [near, far]) yes ? socket.pause() : socket.resume();
}

function loseFor(pair: Pair, ms: number | null): void {
  if (ms === null) return;
  pair.losing = true;
  setTimeout(() => pair.near.resetAndDestroy(), ms).unref();
}
