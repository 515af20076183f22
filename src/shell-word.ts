/** Commands that are shown to be pasted into a shell: a plugin may be called anything that a file may be called. */

const PLAIN = /^[\p{L}\p{N}_.@+=:,/-]+$/u;
/** These mean something between double quotes too, in one shell or another. */
const SPECIAL = /["$`\\!%]/;

/** `text` as one word of a command line: as it is, or quoted. */
export function shellWord(text: string): string {
  if (PLAIN.test(text)) return text;
  return SPECIAL.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}
