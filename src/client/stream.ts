/** Bodies on their way through: looked at, their errors put into other words, given up at once. */

export interface Passing {
  /** Told of each piece. */
  onPiece?(piece: Uint8Array): void;
  /** What is thrown instead. */
  explain?(error: unknown): unknown;
  /** Called when the last piece is through, or nobody wants more. */
  onEnd?(): void;
}

/**
 * The same stream with something done on the way. Unlike a generator, it can be cancelled while it waits for the next piece.
 */
export function passing(
  source: ReadableStream<Uint8Array>,
  { onPiece, explain, onEnd }: Passing,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const { value, done } = await reader.read();
      if (done) {
        onEnd?.();
        return controller.close();
      }
      onPiece?.(value);
      controller.enqueue(value);
    } catch (error) {
      onEnd?.();
      controller.error(explain ? explain(error) : error);
    }
  };
  const cancel = (reason: unknown) => {
    onEnd?.();
    return reader.cancel(reason);
  };
  return new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}

/** Pieces as a stream; `stop` ends their source when the stream is cancelled. */
export function streamOf(pieces: AsyncIterable<Uint8Array>, stop: () => void): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const { value, done } = await iterator.next();
    if (done) controller.close();
    else controller.enqueue(value);
  };
  return new ReadableStream({ pull, cancel: stop }, { highWaterMark: 0 });
}
