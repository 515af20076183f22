/** Files on their way: large ones, progress, aborts, streams, and what is left behind when something breaks. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  FileDownloadError,
  openHttpTransport,
  type Progress,
  type Transport,
  UnreachableError,
} from "callsheet/client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect, rejection } from "./connect.ts";
import { readForm } from "./forms.ts";
import { Recorder } from "./recorder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "callsheet-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const session = { sessionToken: "a-token-that-stays-here" };
const BYTES = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));

describe("downloadAttachment", () => {
  test("gives the bytes, with progress to the end", async () => {
    await using site = await Recorder.open(() => ({ headers: { "content-length": "3000000" }, body: BYTES }));
    await using client = connect(site.url, session);
    const progress: Progress[] = [];
    const bytes = await client.sg.downloadAttachment(7, { onProgress: (now) => progress.push(now) });
    expect(Buffer.compare(Buffer.from(bytes), BYTES)).toBe(0);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress.at(-1)).toEqual({ received: 3_000_000, total: 3_000_000 });
    expect(site.requests[0]!.headers.cookie).toBe("_session_id=a-token-that-stays-here");
  });

  test("writes a file, which is there when it is complete", async () => {
    await using site = await Recorder.open(() => ({ headers: {}, body: BYTES }));
    await using client = connect(site.url, session);
    const filePath = join(folder, "movie.mov");
    writeFileSync(filePath, "the old one");
    expect(await client.sg.downloadAttachment({ type: "Attachment", id: 7 }, { filePath })).toBe(filePath);
    expect(Buffer.compare(readFileSync(filePath), BYTES)).toBe(0);
    expect(readdirSync(folder)).toEqual(["movie.mov"]);
  });

  test("gives a stream", async () => {
    await using site = await Recorder.open(() => ({ headers: {}, body: BYTES }));
    await using client = connect(site.url, session);
    const stream = await client.sg.downloadAttachment(7, { stream: true });
    let length = 0;
    for await (const piece of stream) length += piece.length;
    expect(length).toBe(BYTES.length);
  });

  test("the session does not go to the storage it is redirected to", async () => {
    await using storage = await Recorder.open(() => ({ headers: {}, body: "DATA" }));
    await using site = await Recorder.open(() => ({
      status: 302,
      headers: { location: `${storage.url}/k?sig=1` },
    }));
    await using client = connect(site.url, session);
    expect(Buffer.from(await client.sg.downloadAttachment(7)).toString()).toBe("DATA");
    expect(storage.requests[0]!.headers.cookie).toBeUndefined();
  });

  test("redirects that go in a circle end", async () => {
    await using site = await Recorder.open(() => ({ status: 302, headers: { location: "/again" } }));
    await using client = connect(site.url, session);
    expect(await rejection(client.sg.downloadAttachment(7))).toBeInstanceOf(FileDownloadError);
    expect(site.requests.length).toBeLessThan(20);
  });

  test.each(["file", "memory", "stream"])("a file that ends early is an error, to %s", async (where) => {
    await using site = await Recorder.open(() => ({
      socket: (socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nonly this`),
    }));
    await using client = connect(site.url, session);
    const filePath = join(folder, "movie.mov");
    const read = async () => {
      if (where === "memory") return client.sg.downloadAttachment(7);
      if (where === "file") return client.sg.downloadAttachment(7, { filePath });
      for await (const _ of await client.sg.downloadAttachment(7, { stream: true }));
    };
    const error = await rejection(read());
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ failure: "cut", method: "downloadAttachment" });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("can be aborted in the middle, and leaves nothing behind", async () => {
    const closed = Promise.withResolvers<void>();
    await using site = await Recorder.open(() => ({
      socket: (socket) => {
        socket.once("close", () => closed.resolve());
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nonly this`);
      },
    }));
    await using client = connect(site.url, session);
    const abort = new AbortController();
    const filePath = join(folder, "movie.mov");
    const onProgress = () => abort.abort(new Error("enough"));
    const error = await rejection(
      client.sg.downloadAttachment(7, { filePath, onProgress, signal: abort.signal }),
    );
    expect(error).toMatchObject({ code: "SITE_ABORTED", cause: { message: "enough" } });
    await closed.promise;
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a stream that is cancelled while it waits gives its connection back at once", async () => {
    const closed = Promise.withResolvers<void>();
    await using site = await Recorder.open(() => ({
      socket: (socket) => {
        socket.once("close", () => closed.resolve());
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nonly this`);
      },
    }));
    await using client = connect(site.url, session);
    const reader = (
      await client.sg.downloadAttachment(7, { stream: true, onProgress: () => {} })
    ).getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("only this");
    const next = reader.read();
    await reader.cancel();
    expect(await next).toMatchObject({ done: true });
    await closed.promise;
  });

  test("a site that says nothing more is given up", async () => {
    await using site = await Recorder.open(() => ({
      socket: (socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nonly this`),
    }));
    await using client = connect(site.url, { ...session, timeoutMs: 100 });
    expect(await rejection(client.sg.downloadAttachment(7))).toMatchObject({ failure: "timeout" });
  });

  test("what the site says is told, with whether to try again", async () => {
    await using site = await Recorder.open(() => ({ status: 409, body: "undergoing a malware scan" }));
    await using client = connect(site.url, session);
    const error = await rejection(client.sg.downloadAttachment(7));
    expect(error).toMatchObject({ code: "SITE_DOWNLOAD", status: 409, retriable: true });
    expect((error as FileDownloadError).describe()).toContain("undergoing a malware scan");
  });

  test.each([
    ["a folder that is not there", "none/movie.mov"],
    ["a folder in its place", "."],
  ])("%s is told in a sentence, and nothing is left behind", async (_name, where) => {
    await using site = await Recorder.open(() => ({ headers: {}, body: BYTES }));
    await using client = connect(site.url, session);
    const filePath = join(folder, where);
    const error = await rejection(client.sg.downloadAttachment(7, { filePath }));
    expect(error).toMatchObject({
      code: "SITE_ARGUMENT",
      message: expect.stringContaining("cannot be written: E"),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each<[string, object]>([
    ["either filePath or stream", { filePath: "x", stream: true }],
    ["onProgress must be a function", { onProgress: 5 }],
  ])("%s", async (sentence, options) => {
    await using client = connect("http://site.example", session);
    const error = await rejection(client.sg.downloadAttachment(7, options));
    expect(error).toMatchObject({ code: "SITE_ARGUMENT", message: expect.stringContaining(sentence) });
  });

  test("a file on a local disk is named as such", async () => {
    await using client = connect("http://site.example", session);
    const error = await rejection(client.sg.downloadAttachment({ url: "file:///mnt/a.mov" }));
    expect(error).toMatchObject({ code: "SITE_ARGUMENT" });
  });
});

describe("uploads", () => {
  test("a large file goes in parts, in order, each of its size", async () => {
    const path = join(folder, "movie.mov");
    writeFileSync(path, BYTES);
    await using site = await Recorder.open(
      (request) => {
        const text = (body: string) => ({ headers: { etag: `"${site.requests.length}"` }, body });
        if (request.method === "PUT") return text("");
        if (request.path.endsWith("link_info")) return text("1\nx\nnow\nAttachment\nu-1\nrest\n");
        if (request.path.endsWith("for_part")) return text(`1\n${site.url}/s3/part\n`);
        return text(request.path.endsWith("multipart_upload") ? "1\n" : "1:9\n");
      },
      { info: { version: [8, 80, 0], s3_direct_uploads_enabled: true } },
    );
    await using client = connect(site.url);
    const upload = client.sg.upload("Version", 5, path, "sg_uploaded_movie", { partBytes: 1_300_000 });
    expect(await upload).toBe(9);
    const puts = site.requests.filter(({ method }) => method === "PUT").map(({ bytes }) => bytes);
    expect(puts.map((part) => part.length)).toEqual([1_300_000, 1_300_000, 400_000]);
    expect(Buffer.compare(Buffer.concat(puts), BYTES)).toBe(0);
  });

  test("a name with quotes and line breaks stays one name", async () => {
    const path = join(folder, 'a "b"\n.txt');
    writeFileSync(path, "x");
    await using site = await Recorder.open(() => ({ body: "1:7\n" }));
    await using client = connect(site.url);
    expect(await client.sg.upload("Note", 1, path)).toBe(7);
    const [request] = site.requests;
    expect(readForm(request!.bytes, request!.headers["content-type"]!)).toMatchObject({
      multipart: {
        parts: expect.arrayContaining([expect.objectContaining({ filename: "a %22b%22%0A.txt" })]),
      },
    });
  });

  test.each<[string, (path: string) => void, string]>([
    ["shorter", (path) => truncateSync(path, 1000), "became shorter while it was sent"],
    ["lost", (path) => rmSync(path), "the file to send cannot be read: ENOENT"],
  ])(
    "a file that gets %s on its way is the file's trouble, not the site's",
    async (_name, spoil, sentence) => {
      const path = join(folder, "movie.mov");
      writeFileSync(path, BYTES);
      await using site = await Recorder.open(() => ({ body: "1:7\n" }));
      const http = openHttpTransport();
      const transport: Transport = {
        close: () => http.close(),
        send: (request, options) => {
          if (typeof request.body === "object") spoil(path);
          return http.send(request, options);
        },
      };
      await using client = connect(site.url, { transport });
      const error = await rejection(client.sg.upload("Note", 1, path));
      expect(error).toMatchObject({ failure: "file", retriable: false, uncertain: false });
      expect((error as Error).message).toMatch(/^upload Note 1 was given up: /);
      expect((error as Error).message).toContain(sentence);
      await http.close();
    },
  );

  test("can be aborted", async () => {
    const path = join(folder, "movie.mov");
    writeFileSync(path, BYTES);
    const abort = new AbortController();
    await using site = await Recorder.open(() => {
      abort.abort();
      return { socket: () => {} };
    });
    await using client = connect(site.url);
    const error = await rejection(client.sg.upload("Note", 1, path, null, { signal: abort.signal }));
    expect(error).toMatchObject({ code: "SITE_ABORTED", method: "upload", uncertain: true });
  });

  test("a picture that the site refuses leaves the record there, and the error names it", async () => {
    const path = join(folder, "thumb.png");
    writeFileSync(path, "a picture");
    await using site = await Recorder.open(({ path }) =>
      path.startsWith("/upload")
        ? { body: "0\nnot today\n" }
        : { body: { results: { type: "Version", id: 50 } } },
    );
    await using client = connect(site.url);
    const error = await rejection(client.sg.create("Version", { code: "x", image: path }));
    expect(error).toMatchObject({
      method: "create",
      entityType: "Version",
      entityId: 50,
      message: "not today",
    });
  });

  test("a picture that is not there keeps a record from being made", async () => {
    await using site = await Recorder.open(() => ({}));
    await using client = connect(site.url);
    const error = await rejection(
      client.sg.create("Version", { code: "x", image: join(folder, "none.png") }),
    );
    expect(error).toMatchObject({ code: "SITE_ARGUMENT", attempts: 0 });
    expect(site.requests).toEqual([]);
  });
});
