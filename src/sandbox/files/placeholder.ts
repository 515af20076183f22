/** The image of a thumbnail that is not ready: a grey PNG of 16 by 9 pixels. */
export const PLACEHOLDER = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAAAAAAeQfPuAAAAD0lEQVR42mNIQAMMg0QAACSJNgGNNpHXAAAAAElFTkSuQmCC",
  "base64",
);
