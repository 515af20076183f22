/** This window's part in the stream of live updates that all windows share. */
import { Stream, type Told } from "./stream.ts";
import type { Asked, Heard } from "./stream-worker.ts";

export interface Watching {
  /** Wants to be told; to be said again and again. */
  watch(): void;
  leave(): void;
}

const PATIENCE_MS = 9000;

/** @param tell is told what the stream tells, while this window watches */
export function watching(tell: (told: Told) => void): Watching {
  if (typeof SharedWorker === "undefined") return onItsOwn(tell);
  let port: MessagePort | null = null;
  /** Since when the worker owes an answer; null: it does not. */
  let waitingSince: number | null = null;
  const leave = () => {
    port?.postMessage("leave" satisfies Asked);
    waitingSince = null;
  };
  return {
    watch() {
      // a phone may end a worker that it thinks nobody needs
      if (waitingSince !== null && performance.now() - waitingSince > PATIENCE_MS) {
        leave();
        port?.close();
        port = null;
      }
      port ??= connect((heard) => {
        waitingSince = null;
        if (heard.kind !== "here") tell(heard);
      });
      waitingSince ??= performance.now();
      port.postMessage("watch" satisfies Asked);
    },
    leave,
  };
}

function connect(hear: (heard: Heard) => void): MessagePort {
  const { port } = new SharedWorker(new URL("./stream-worker.ts", import.meta.url), {
    type: "module",
    name: "callsheet",
  });
  port.onmessage = ({ data }: MessageEvent<Heard>) => hear(data);
  return port;
}

/** Where a browser has no shared workers. */
function onItsOwn(tell: (told: Told) => void): Watching {
  const stream = new Stream(tell);
  return { watch: () => stream.open(), leave: () => stream.close() };
}
