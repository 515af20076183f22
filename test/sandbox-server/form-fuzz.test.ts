/** Forms that no client sends: the sandbox says no, and goes on. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { FORM_METHODS } from "../../src/sandbox/files/site-files.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { parseForm } from "../../src/sandbox/server/multipart.ts";
import { create, form, scriptOf } from "./forms.ts";
import { call, dial, drain, sandboxForTest, send } from "./wire.ts";

const NAMES = [...FORM_METHODS.keys()];
const TYPE = "multipart/form-data; boundary=b";

async function isAlive(sandbox: Sandbox): Promise<void> {
  const { text } = await send(`${sandbox.url}/api3/json`, { body: call(sandbox, "info") });
  expect(JSON.parse(text)).toHaveProperty("version");
}

function expectRefusal(text: string): void {
  expect(text).toMatch(/^0\n.+\n$/s);
  expect(text).not.toMatch(/\n\s+at |Internal error|node:|\.ts:/);
}

test.each<[string, string | undefined, string]>([
  ["no content-type", undefined, "x=1"],
  ["JSON", "application/json", "{}"],
  ["no boundary", "multipart/form-data", "--b--"],
  ["an empty boundary", 'multipart/form-data; boundary=""', "--b--"],
  ["nothing", TYPE, ""],
  ["another boundary", TYPE, "--c\r\n\r\n--c--"],
  ["a boundary inside a line", TYPE, "xx--b--\r\n"],
  ["no end", TYPE, '--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n1'],
  ["no end of the headers", TYPE, '--b\r\ncontent-disposition: form-data; name="x"'],
  ["endless headers", TYPE, `--b\r\nx: ${"x".repeat(20_000)}\r\n\r\n\r\n--b--`],
  ["no name", TYPE, "--b\r\ncontent-disposition: form-data\r\n\r\n1\r\n--b--"],
  ["no headers", TYPE, "--b\r\n\r\n1\r\n--b--"],
  [
    "too many parts",
    TYPE,
    `${'--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n1\r\n'.repeat(300)}--b--`,
  ],
  ["a huge urlencoded form", "application/x-www-form-urlencoded", `x=${"y".repeat(5_000_000)}`],
])("%s", async (_name, contentType, body) => {
  const sandbox = await sandboxForTest();
  const headers: Record<string, string> = contentType === undefined ? {} : { "content-type": contentType };
  const { status, text } = await send(`${sandbox.url}/upload/upload_file`, { headers, body });
  expect(status).toBe(200);
  expectRefusal(text);
  await isAlive(sandbox);
});

test("a form that is cut off leaves the sandbox alive", async () => {
  const sandbox = await sandboxForTest();
  const socket = await dial(sandbox);
  socket.end(
    `POST /upload/upload_file HTTP/1.1\r\nhost: s\r\ncontent-type: ${TYPE}\r\ncontent-length: 1000\r\n\r\n--b\r\n`,
  );
  await drain(socket);
  await isAlive(sandbox);
});

test("any bytes after any content-type are parsed or refused", () => {
  const head = fc.constantFrom(
    TYPE,
    'multipart/form-data; boundary="b b"',
    "application/x-www-form-urlencoded",
    "",
    "x",
  );
  const piece = fc.oneof(
    fc.constantFrom(
      "--b",
      "--b--",
      "\r\n",
      "\r\n\r\n",
      "--",
      "content-disposition: form-data; ",
      'name="a"',
      "name=a",
      'filename="../../x"',
      'filename="\\',
      "content-type: x/y",
      "%",
      "&=",
    ),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(head, fc.array(piece, { maxLength: 30 }), (contentType, pieces) => {
      const parsed = parseForm(contentType, Buffer.from(pieces.join("")));
      if ("refused" in parsed) return parsed.refused.length > 0;
      return !parsed.file || !/[/\\]/.test(parsed.file.name);
    }),
    { numRuns: 2000 },
  );
});

test("what was packed is what is unpacked, for any fields and bytes", () => {
  const name = fc.stringMatching(/^[a-z_]{1,12}$/);
  const value = fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("--b"));
  const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(
      fc.dictionary(name, value),
      bytes.filter((all) => !all.includes("--b")),
      (fields, file) => {
        const parts = Object.entries(fields).map(
          ([key, text]) => `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${text}\r\n`,
        );
        const head =
          '--b\r\nContent-Disposition: form-data; name="file"; filename="Noëlご \\"1\\".jpg"\r\nContent-Type: image/jpeg\r\n\r\n';
        const body = Buffer.concat([
          Buffer.from(parts.join("") + head),
          file,
          Buffer.from("\r\n--b--\r\n\r\n"),
        ]);
        const parsed = parseForm(TYPE, body);
        expect(parsed).toEqual({
          fields: { ...fields },
          file: { name: 'Noëlご "1".jpg', contentType: "image/jpeg", bytes: file },
        });
      },
    ),
  );
});

test("any fields in any form are answered with one line of success or a reason", async () => {
  const sandbox = await sandboxForTest();
  const project = await create(sandbox, "Project", { name: "Marrow Lane" });
  await create(sandbox, "Version", { project });
  const key = fc.constantFrom(
    "entity_type",
    "entity_id",
    "field_name",
    "display_name",
    "tag_list",
    "filmstrip",
    "entities",
    "source_entity",
    "upload_type",
    "filename",
    "multipart_upload",
    "part_number",
    "upload_id",
    "etags",
    "upload_link_info",
    "__proto__",
    "constructor",
    "session_uuid",
  );
  const value = fc.oneof(
    fc.constantFrom(
      "Version",
      "1",
      "image",
      "sg_uploaded_movie",
      "Version_1",
      "True",
      "Attachment",
      "EventLogEntry",
      "__proto__",
      "toString",
      "'",
      "",
      "1".repeat(15),
      "-1",
      "HumanUser",
      "Project",
      "LocalStorage",
    ),
    fc.string({ unit: "grapheme", maxLength: 20 }),
  );
  const file = fc.option(
    fc.record({
      field: fc.constant("file"),
      name: fc.stringMatching(/^[\w. -]{1,10}$/),
      bytes: fc.uint8Array({ maxLength: 20 }).map((all) => Buffer.from(all)),
    }),
    { nil: undefined },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...NAMES, "nope", ""),
      fc.array(fc.tuple(key, value)),
      file,
      async (name, entries, sent) => {
        const fields = Object.fromEntries(entries);
        const text = await form(sandbox, name, fields, sent, scriptOf(sandbox));
        if (!/^[12](:\d*)?\n/.test(text)) expectRefusal(text);
      },
    ),
    { numRuns: 150 },
  );
  await isAlive(sandbox);
});
