/** Single keys of a terminal. */
import { emitKeypressEvents } from "node:readline";

/** Calls for each key, Ctrl-C as `q`; resolves when the signal aborts, with the terminal as it was. */
export function untilKey(signal: AbortSignal, pressed: (key: string) => void): Promise<void> {
  const { stdin } = process;
  emitKeypressEvents(stdin);
  stdin.setRawMode(true);
  stdin.resume();
  const hear = (text: string | undefined, { name, ctrl }: { name?: string; ctrl?: boolean }) =>
    pressed(ctrl && name === "c" ? "q" : (text ?? ""));
  stdin.on("keypress", hear);
  return new Promise((resolve) => {
    const end = () => {
      stdin.off("keypress", hear);
      stdin.setRawMode(false);
      stdin.pause();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
