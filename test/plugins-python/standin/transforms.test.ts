/** Recorded conversions of single values, out and in, against the stand-in and against what an event's dict holds. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCases } from "../../client/python.ts";
import { page, Recorder } from "../../client/recorder.ts";
import { withoutPython } from "../python.ts";
import { StandIn, type StandInCall } from "./driver.ts";

interface Case {
  name: string;
  direction: "inbound" | "outbound";
  client_zone: string;
  convert_datetimes_to_utc: boolean;
  python: unknown;
  wire: unknown;
  error?: { class: string; message: string };
}

/** Cases that are not asserted, and why. */
const NOT_HERE = new Map(
  Object.entries({
    outbound_dst_gap: "the recording says not to rely on it",
    outbound_dst_fold: "the recording says not to rely on it",
    outbound_dst_fold_1: "the recording says not to rely on it",
    outbound_datetime_year_1900: "the zone had another offset then, which the official client does not know",
  }),
);

const cases = readCases<Case>("transforms.jsonl");

describe.skipIf(withoutPython)("the stand-in converts as the official client does:", () => {
  let standIn: StandIn;

  beforeAll(async () => {
    standIn = await StandIn.open();
  });

  afterAll(() => standIn.close());

  for (const row of cases) {
    if (NOT_HERE.has(row.name)) continue;
    test(row.name, () => (row.direction === "inbound" ? inbound(standIn, row) : outbound(standIn, row)));
  }

  test("all 85 are there, and every one that is left out exists", () => {
    expect(cases).toHaveLength(85);
    for (const name of NOT_HERE.keys()) expect(cases.map((row) => row.name)).toContain(name);
  });
});

function callOn(site: Recorder, row: Case): StandInCall {
  const { convert_datetimes_to_utc, client_zone: zone } = row;
  const kwargs = { connect: false, convert_datetimes_to_utc };
  return { construct: { args: [site.url, "s", "k"], kwargs }, method: "", zone };
}

async function outbound(standIn: StandIn, row: Case): Promise<void> {
  await using site = await Recorder.open(() => ({ body: { results: { type: "Shot", id: 1 } } }));
  const isWhole = row.name === "outbound_float_integral";
  const given = isWhole ? { $float: "2.0" } : row.python;
  const call = { ...callOn(site, row), method: "create", args: ["Shot", { value: given }] };
  const { exception } = await standIn.call(call);
  if (row.error) {
    expect(exception).toMatchObject(row.error);
    return expect(site.requests).toEqual([]);
  }
  expect(exception).toBeUndefined();
  const { value } = (site.payload().fields as { value: unknown }[])[0]!;
  if (String(row.wire).startsWith("<DATE>"))
    expect(value).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\d${String(row.wire).slice("<DATE>".length)}$`));
  else expect(value).toEqual(row.wire);
  if (isWhole) expect(site.requests[0]?.text).toContain('"value": 2.0');
}

async function inbound(standIn: StandIn, row: Case): Promise<void> {
  const isBig = row.name === "inbound_number_big";
  // Beyond 2^53 the recording itself cannot be read by JSON.parse.
  const reply = JSON.stringify(page([{ type: "Shot", id: 1, value: isBig ? "BIG" : row.wire }]).body);
  await using site = await Recorder.open(() => ({ body: reply.replace('"BIG"', "9007199254740993") }));
  const { value } = await standIn.call({
    ...callOn(site, row),
    method: "find_one",
    args: ["Shot", [["id", "is", isBig ? 1 : 2]], ["value"]],
  });
  // On its way here it goes through JSON again: Python's exact number is rounded by JavaScript, as the recording's is.
  expect(value).toEqual({ type: "Shot", id: 1, value: row.python });
}
