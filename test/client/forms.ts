/** Reads the bodies of forms into the notation of the recordings, the parts of a multipart body byte by byte. */

interface FilePart {
  name: string;
  filename: string;
  headers: Record<string, string>;
  bytes_b64: string;
}

export type Form =
  | { form: [string, string][] }
  | { multipart: { parts: (FilePart | { name: string; value: string })[] } };

export function readForm(body: Buffer, contentType: string): Form {
  if (contentType.startsWith("application/x-www-form-urlencoded")) {
    return { form: [...new URLSearchParams(body.toString())] };
  }
  const boundary = /boundary=(\S+)/.exec(contentType)?.[1];
  const text = body.toString("latin1");
  const closing = `\r\n--${boundary}--\r\n\r\n`;
  if (!text.startsWith(`--${boundary}\r\n`) || !text.endsWith(closing)) {
    throw new Error(`a multipart body with other ends: ${text.slice(0, 100)} … ${text.slice(-100)}`);
  }
  const parts = text.slice(`--${boundary}\r\n`.length, -closing.length).split(`\r\n--${boundary}\r\n`);
  return { multipart: { parts: parts.map(readPart) } };
}

function readPart(part: string) {
  const end = part.indexOf("\r\n\r\n");
  const head = Buffer.from(part.slice(0, end), "latin1").toString("utf8");
  const content = Buffer.from(part.slice(end + 4), "latin1");
  const [disposition = "", ...others] = head.split("\r\n");
  const name = /; name="([^"]*)"/.exec(disposition)?.[1] ?? "";
  const filename = /; filename="([^"]*)"/.exec(disposition)?.[1];
  if (filename === undefined) return { name, value: content.toString("utf8") };
  const headers = Object.fromEntries(others.map((line) => line.toLowerCase().split(": ")));
  return { name, filename, headers, bytes_b64: content.toString("base64") };
}
