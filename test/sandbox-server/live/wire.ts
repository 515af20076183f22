/** The bytes that the official Python client 3.10.0 sends (protocol notes 1, 2 and 8): its headers, its JSON, its forms. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";

export type Auth = Record<string, string | boolean>;

export interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
}

export interface FormFile {
  field: string;
  name: string;
  type: string;
  bytes: Buffer;
}

/** What the server answered with `exception`, or a `0` line of a form. */
export class Fault extends Error {
  readonly code: unknown;

  constructor(message: string, code: unknown) {
    super(message);
    this.code = code;
  }
}

const USER_AGENT = "shotgun-json (3.10.0); Python 3.11 (Linux); ssl OpenSSL 3.0.2 15 Mar 2022";
const BOUNDARY = "127.0.0.1.0.4711.1700000000.123.1";
const FORM_ATTEMPTS = 3;

/** One connection, kept alive, for method calls; a new one for each form and download. */
export class Wire {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string) {
    this.url = url;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** The result of one method call. Whatever is no JSON comes back as bytes. */
  async rpc(method: string, params: unknown[]): Promise<unknown> {
    const { status, headers, bytes } = await this.#send("POST", `${this.url}/api3/json`, {
      agent: this.#agent,
      headers: {
        "content-type": "application/json; charset=utf-8",
        connection: "keep-alive",
        "accept-encoding": "gzip, deflate",
        "user-agent": USER_AGENT,
      },
      body: Buffer.from(pythonJson({ method_name: method, params })),
    });
    if (status >= 300) throw new Error(`ProtocolError: ${status}`);
    const type = headers["content-type"];
    if (type && !/^(application\/json|text\/javascript)/.test(type)) return bytes;
    const reply = JSON.parse(bytes.toString()) as Record<string, unknown>;
    if (reply.exception) throw new Fault(String(reply.message ?? "Unknown Error"), reply.error_code);
    return "results" in reply ? reply.results : reply;
  }

  /** The reply of a form that is sent as urllib does; every HTTP error is tried again, and the reason is lost. */
  async form(name: string, fields: [string, unknown][], file?: FormFile): Promise<string> {
    const type = file ? `multipart/form-data; boundary=${BOUNDARY}` : "application/x-www-form-urlencoded";
    const body = file ? multipart(fields, file) : urlEncoded(fields);
    for (let attempt = 0; attempt < FORM_ATTEMPTS; attempt += 1) {
      const { status, bytes } = await this.#send("POST", `${this.url}/upload/${name}`, {
        headers: {
          "accept-encoding": "identity",
          "content-type": type,
          "user-agent": "Python-urllib/3.11",
          connection: "close",
        },
        body,
      });
      if (status < 300) return bytes.toString();
    }
    throw new Error("Max attempts limit reached.");
  }

  /** As `download_attachment`; the cookie jar keeps its cookie from hosts with a port. */
  async download(url: string): Promise<Buffer> {
    const headers = { "accept-encoding": "identity", "user-agent": USER_AGENT, connection: "close" };
    const { status, headers: got, bytes } = await this.#send("GET", url, { headers });
    if (status === 302) return this.download(new URL(got.location!, url).href);
    if (status !== 200) throw new Error(`ShotgunFileDownloadError: HTTP ${status}`);
    return bytes;
  }

  /** A plain GET, as the suite's own HTTP client does for thumbnails. */
  get(url: string): Promise<Got> {
    return this.#send("GET", url, { headers: { "user-agent": "Python-httplib2/0.22.0 (gzip)" } });
  }

  #send(
    method: string,
    url: string,
    options: { agent?: Agent; headers: Record<string, string>; body?: Buffer },
  ): Promise<Got> {
    const { agent, headers, body } = options;
    const length = body ? { "content-length": String(body.length) } : {};
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        url,
        { method, headers: { ...headers, ...length }, agent: agent ?? new Agent() },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes: Buffer.concat(chunks),
            }),
          );
        },
      );
      request.on("error", reject);
      request.end(body);
    });
  }
}

/** JSON as Python writes it: a space after each comma and colon. A `Float` keeps its decimal point. */
function pythonJson(value: unknown): string {
  if (value instanceof Float) return Number.isInteger(value.value) ? `${value.value}.0` : `${value.value}`;
  if (value instanceof Date) return JSON.stringify(pythonDate(value));
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item)}`).join(", ")}}`;
}

/** A Python float. */
export class Float {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Datetimes go out as UTC, without a fraction. */
function pythonDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function pythonText(value: unknown): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

function urlEncoded(fields: [string, unknown][]): Buffer {
  const pairs = fields.map(([name, value]): [string, string] => [name, pythonText(value)]);
  return Buffer.from(new URLSearchParams(pairs).toString());
}

function multipart(fields: [string, unknown][], { field, name, type, bytes }: FormFile): Buffer {
  const parts = fields.map(
    ([key, value]) =>
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${pythonText(value)}\r\n`,
  );
  const head = [
    `--${BOUNDARY}`,
    `Content-Disposition: form-data; name="${field}"; filename="${name}"`,
    `Content-Type: ${type}`,
    `Content-Length: ${bytes.length}`,
  ].join("\r\n");
  return Buffer.concat([
    Buffer.from(`${parts.join("")}${head}\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n\r\n`),
  ]);
}
