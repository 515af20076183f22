/** Recorded conversions of single values, out and in. */
import { ArgumentError, float } from "callsheet/client";
import { expect, test } from "vitest";
import type { EntityRecord } from "../../src/client/entity.ts";
import { finishRecord } from "../../src/client/record.ts";
import { connect, rejection } from "./connect.ts";
import { fromPython, readCases } from "./python.ts";
import { page, Recorder } from "./recorder.ts";

interface Case {
  name: string;
  direction: "inbound" | "outbound";
  client_zone: string;
  convert_datetimes_to_utc: boolean;
  python: unknown;
  wire: unknown;
}

/** Cases that cannot apply, and why. All others run. */
const NOT_HERE = new Map(
  Object.entries({
    outbound_datetime_plus2_noconv: "drops an offset, and so sends another moment; a Date has none to drop",
    outbound_time: "JavaScript has no time without a date",
    outbound_time_noconv: "JavaScript has no time without a date",
    outbound_dst_gap: "the recording says not to rely on it",
    outbound_dst_fold: "the recording says not to rely on it",
    outbound_dst_fold_1: "the recording says not to rely on it",
  }),
);

const cases = readCases<Case>("transforms.jsonl");

for (const row of cases) {
  if (!NOT_HERE.has(row.name))
    test(row.name, () => (row.direction === "inbound" ? inbound(row) : outbound(row)));
}

test("all 85 are there, and every one that is left out exists", () => {
  expect(cases).toHaveLength(85);
  for (const name of NOT_HERE.keys()) expect(cases.map((row) => row.name)).toContain(name);
});

// Los Angeles stands for itself only in the two unambiguous cases, one of summer and one of winter.
function zone({ client_zone, name, convert_datetimes_to_utc: converts }: Case): string {
  // Without conversion the official client's dates have the clock of the site.
  if (!converts) return "Z";
  if (client_zone === "Asia/Kolkata") return "+05:30";
  if (client_zone === "UTC") return "Z";
  return name.includes("summer") ? "-07:00" : "-08:00";
}

/** What JSON cannot carry, here as there. */
const REFUSED: Record<string, unknown> = { outbound_bytes: new Uint8Array([1]), outbound_set: new Set([1]) };

async function outbound(row: Case): Promise<void> {
  await using site = await Recorder.open(() => ({ body: { results: { type: "Shot", id: 1 } } }));
  await using client = connect(site.url);
  if (row.name in REFUSED) {
    const refusal = await rejection(client.sg.create("Shot", { value: REFUSED[row.name] }));
    expect(refusal).toBeInstanceOf(ArgumentError);
    return expect(site.requests).toEqual([]);
  }
  const value = row.name === "outbound_float_integral" ? float(2) : fromPython(row.python, zone(row));
  await client.sg.create("Shot", { value });
  expect(site.payload()).toMatchObject({ fields: [{ field_name: "value", value: row.wire }] });
  if (row.name === "outbound_float_integral") expect(site.requests[0]?.text).toContain('"value":2.0');
}

async function inbound(row: Case): Promise<void> {
  const big = row.name === "inbound_number_big";
  // Beyond 2^53 the recording itself cannot be read by JSON.parse.
  const reply = JSON.stringify(page([{ type: "Shot", id: 1, value: big ? "BIG" : row.wire }]).body);
  await using site = await Recorder.open(() => ({ body: reply.replace('"BIG"', "9007199254740993") }));
  await using client = connect(site.url);
  const record = await client.sg.findOne("Shot", [], ["value"]);
  if (big) return expect(record?.value).toBe(9007199254740993n);
  if (row.name.startsWith("inbound_url_local")) {
    // Recorded on Linux.
    const wire = structuredClone({ type: "Shot", id: 1, value: row.wire }) as EntityRecord;
    expect(finishRecord(wire, "linux").value).toEqual(row.python);
  } else {
    expect(record?.value).toEqual(fromPython(row.python, zone(row)));
  }
}

test("a link to a local file gets the path for the platform it is read on", () => {
  const paths = { local_path_linux: "/mnt/a", local_path_mac: "/Volumes/a", local_path_windows: "P:\\a" };
  const read = (platform: NodeJS.Platform) =>
    finishRecord({ type: "Version", id: 1, movie: { link_type: "local", ...paths } }, platform).movie;
  expect(read("win32")).toMatchObject({ local_path: "P:\\a", url: "file://P:\\a" });
  expect(read("darwin")).toMatchObject({ local_path: "/Volumes/a", url: "file:///Volumes/a" });
  expect(read("freebsd")).toEqual({ link_type: "local", ...paths });
});

test('dates: "string" leaves date_time texts as they came, and still sends a Date', async () => {
  await using site = await Recorder.open(() =>
    page([{ type: "Shot", id: 1, created_at: "2016-05-03T04:50:30Z" }]),
  );
  await using client = connect(site.url, { dates: "string" });
  const moment = new Date("2016-05-03T04:50:30.999Z");
  const record = await client.sg.findOne("Shot", [["created_at", "is", moment]], ["created_at"]);
  expect(record?.created_at).toBe("2016-05-03T04:50:30Z");
  expect(site.payload().filters).toMatchObject({ conditions: [{ values: ["2016-05-03T04:50:30Z"] }] });
});
