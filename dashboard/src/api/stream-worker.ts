/** Holds the one stream of all windows that a browser has open: it keeps six connections to a server, and each stream takes one. */
import { Stream, type Told } from "./stream.ts";

/** What a window says. It goes on saying `watch` while it is seen: one that crashes says nothing more. */
export type Asked = "watch" | "leave";
/** What it is told; `here` answers each `watch`. */
export type Heard = Told | { kind: "here" };

const SILENT_MS = 30_000;
/** When each window that is seen last said so. */
const windows = new Map<MessagePort, number>();
const stream = new Stream((told) => {
  for (const port of windows.keys()) port.postMessage(told satisfies Heard);
});

addEventListener("connect", (event) => {
  const port = (event as MessageEvent).ports[0]!;
  port.onmessage = ({ data }: MessageEvent<Asked>) => {
    if (data === "leave") return leave(port);
    windows.set(port, performance.now());
    stream.open();
    port.postMessage({ kind: "here" } satisfies Heard);
  };
});

setInterval(() => {
  for (const [port, at] of windows) if (performance.now() - at > SILENT_MS) leave(port);
}, SILENT_MS / 3);

function leave(port: MessagePort): void {
  windows.delete(port);
  if (windows.size === 0) stream.close();
}
