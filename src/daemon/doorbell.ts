import { Bell, pause } from "./pause.ts";

/** Ends a rest early. A ring while nobody rests ends the next rest at once, so that none is missed. */
export class Doorbell {
  readonly #bell = new Bell();
  #rung = false;

  ring(): void {
    this.#rung = true;
    this.#bell.wake();
  }

  async rest(ms: number, signal: AbortSignal): Promise<void> {
    const either = new AbortController();
    const stop = () => either.abort();
    signal.addEventListener("abort", stop, { once: true });
    const rung = this.#bell.wait(either.signal).then(stop);
    if (!signal.aborted && !this.#rung) await pause(ms, either.signal);
    this.#rung = false;
    stop();
    await rung;
    signal.removeEventListener("abort", stop);
  }
}
