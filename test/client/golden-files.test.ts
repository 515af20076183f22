/** What goes wrong with files, recorded from the official client case by case, against ours. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ShotgunError } from "callsheet/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, rejection } from "./connect.ts";
import { ourCall } from "./python-calls.ts";
import { ABOUT_FILES, type FailureCase as Case, fileReplyOf, recordedFailures } from "./recorded-failures.ts";
import { type Received, Recorder, type Scripted } from "./recorder.ts";

/** Where ours differs on purpose: what becomes of the call, after how many requests. */
const DIFFERENT: Record<string, { why: string; outcome: string | number; attempts: number }> = {
  storage_put_503_always: { why: "each attempt sends the file again", outcome: "ProtocolError", attempts: 3 },
  storage_put_500_always: { why: "each attempt sends the file again", outcome: "ProtocolError", attempts: 3 },
  storage_put_503_then_ok: { why: "each attempt sends the file again", outcome: 9, attempts: 2 },
};

/** Names of the Python exceptions on the left; ours on the right. */
const CLASSES: Record<string, string> = {
  IndexError: "ReplyError",
  UnicodeDecodeError: "ReplyError",
  RemoteDisconnected: "UnreachableError",
  ShotgunFileDownloadError: "FileDownloadError",
  // The official client stumbles here over its own message.
  TypeError: "FileDownloadError",
  ShotgunThumbnailNotReady: "ThumbnailNotReadyError",
};

const cases = recordedFailures.filter(({ name }) => ABOUT_FILES.test(name));
const MOVIE = "not really a movie, 25 b.";
const folder = mkdtempSync(join(tmpdir(), "callsheet-files-"));

beforeAll(() => {
  writeFileSync(join(folder, "hello.txt"), "hello world\n");
  writeFileSync(join(folder, "clip.mov"), MOVIE);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the recorded failures of files", () => {
  for (const recorded of cases) {
    const { why } = DIFFERENT[recorded.name] ?? {};
    test(why ? `${recorded.name}: ${why}` : recorded.name, () => check(recorded));
  }

  test("there are all of them", () => expect(cases).toHaveLength(27));
});

async function check(recorded: Case): Promise<void> {
  const { name, call, ...expected } = recorded;
  const isCounted = (request: Received) =>
    call.storage ? request.method === "PUT" : request.path !== "/api3/json";
  await using site = await Recorder.open(
    (request): Scripted => {
      if (!isCounted(request)) return fileReplyOf.others(request, site);
      return fileReplyOf.counted(recorded, site.requests.filter(isCounted).length - 1);
    },
    { info: { version: [8, 80, 0], s3_direct_uploads_enabled: Boolean(call.storage) } },
  );
  await using made = connect(site.url);
  const ours = ourCall(made.sg, call, { replace: (args) => args.replaceAll("fixtures/", `${folder}/`) });
  const different = DIFFERENT[name];
  const attempts = different?.attempts ?? expected.attempts;

  if (typeof (different?.outcome ?? expected.value) === "number") {
    expect(await ours()).toBe(different?.outcome ?? expected.value);
  } else {
    const error = await rejection(Promise.resolve(ours()));
    expect(error).toBeInstanceOf(ShotgunError);
    expect(error).toMatchObject({
      name: different?.outcome ?? ourClass(expected.exception!, name),
      attempts,
    });
  }
  const counted = site.requests.filter(isCounted);
  expect(counted).toHaveLength(attempts);
  if (call.storage) for (const put of counted) expect(put.text).toBe(MOVIE);
  // The official client also waits after its last attempt.
  if (!different) expect(made.pauses).toEqual(expected.sleeps_s.map((s) => s * 1000).slice(0, attempts - 1));
}

/** A ShotgunError of theirs says in its text only what it is. */
function ourClass({ class: theirs, message }: { class: string; message: string }, name: string): string {
  if (message === "Max attempts limit reached." || name === "storage_put_403") return "ProtocolError";
  return CLASSES[theirs] ?? "Fault";
}
