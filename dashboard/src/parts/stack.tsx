/** A stack or traceback as the runtime printed it, in the plugin's own lines. */
import { visible } from "../format.ts";

export function Stack({ text }: { text: string }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and must do so for a keyboard too
  return <pre tabIndex={0}>{visible(text)}</pre>;
}
