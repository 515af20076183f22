/** Frames between the daemon and a python process: two 32-bit lengths, a JSON text, and bytes. */

const HEAD_BYTES = 8;
/** Nothing that is sent is larger: files travel in pieces. */
const LARGEST_BYTES = 2 ** 30;

/** What has arrived is no frame. */
export class NotAFrame extends Error {}

/** One frame, in the pieces it is written in. */
export function frame(message: object, body: Uint8Array = new Uint8Array()): Uint8Array[] {
  const text = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(text.length, 0);
  head.writeUInt32LE(body.length, 4);
  return body.length > 0 ? [head, text, body] : [head, text];
}

/** Puts frames together from the chunks in which they arrive. */
export class FrameReader {
  readonly #onFrame: (message: unknown, body: Uint8Array) => void;
  #chunks: Buffer[] = [];
  #held = 0;

  constructor(onFrame: (message: unknown, body: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws NotAFrame, and from then on nothing that arrives has a meaning */
  take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    for (let size = this.#size(); size !== null && size <= this.#held; size = this.#size()) {
      const whole = this.#joined();
      const rest = whole.subarray(size);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#held = rest.length;
      const textEnd = HEAD_BYTES + whole.readUInt32LE(0);
      this.#onFrame(messageIn(whole.subarray(HEAD_BYTES, textEnd)), whole.subarray(textEnd, size));
    }
  }

  /** Of the frame that comes next; null while that is not known. */
  #size(): number | null {
    if (this.#held < HEAD_BYTES) return null;
    const first = this.#chunks[0]!;
    const head = first.length >= HEAD_BYTES ? first : this.#joined();
    const size = HEAD_BYTES + head.readUInt32LE(0) + head.readUInt32LE(4);
    if (size > LARGEST_BYTES) throw new NotAFrame();
    return size;
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }
}

function messageIn(text: Buffer): unknown {
  try {
    const message: unknown = JSON.parse(text.toString("utf8"));
    if (typeof message === "object" && message !== null) return message;
  } catch {
    // told of below
  }
  throw new NotAFrame();
}
