/** One stream of live updates: kept open while it is wanted, opened again when the browser has given it up. */
import type { Update } from "./shapes.ts";

export type Told = { kind: "open" } | { kind: "lost" } | { kind: "update"; update: Update };

const OPEN_AGAIN_MS = 2000;

/** In a page or in a worker. */
export class Stream {
  readonly #tell: (told: Told) => void;
  #source: EventSource | null = null;

  constructor(tell: (told: Told) => void) {
    this.#tell = tell;
  }

  open(): void {
    if (this.#source) return;
    const source = new EventSource("/api/v1/live");
    this.#source = source;
    source.onopen = () => this.#tell({ kind: "open" });
    source.onerror = () => {
      this.#tell({ kind: "lost" });
      // after some refusals a browser gives up for good
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#again(source), OPEN_AGAIN_MS);
    };
    source.addEventListener("update", ({ data }) => this.#tell({ kind: "update", update: JSON.parse(data) }));
  }

  close(): void {
    this.#source?.close();
    this.#source = null;
  }

  #again(gone: EventSource): void {
    if (this.#source !== gone) return;
    this.#source = null;
    this.open();
  }
}
