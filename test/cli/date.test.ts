/** Dates on the command line: what is one, and that nothing else quietly becomes another day. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { dateOf } from "../../src/cli/control/date.ts";
import { said } from "./said.ts";

test("takes ISO 8601, in any zone, and this machine's where there is none", () => {
  expect(dateOf("2026-11-20T08:00:00Z")).toEqual(new Date(Date.UTC(2026, 10, 20, 8)));
  expect(dateOf("2026-11-20T08:00+09:00")).toEqual(new Date(Date.UTC(2026, 10, 19, 23)));
  expect(dateOf("2026-11-20 08:00")).toEqual(new Date(2026, 10, 20, 8));
  expect(dateOf("2026-11-20T08:00:00.250")).toEqual(new Date(2026, 10, 20, 8, 0, 0, 250));
  expect(dateOf("2024-02-29")).toEqual(new Date(2024, 1, 29));
  const years = {
    min: new Date("0100-01-01T00:00:00Z"),
    max: new Date("9999-12-31T00:00:00Z"),
    noInvalidDate: true,
  };
  fc.assert(
    fc.property(fc.date(years), (date) => {
      expect(dateOf(date.toISOString())).toEqual(date);
    }),
  );
});

test.each([
  "2026-02-30",
  "2026-13-01",
  "2026-11-20T25:00",
  "event 5",
  "-5",
  "1e3",
  "May 5",
  "2026",
  "",
  "12:00",
])("refuses %j", (text) => {
  expect(dateOf(text)).toBeNull();
});

test("a day that there is not moves no cursor", async () => {
  for (const command of [
    ["rewind", "x", "--to"],
    ["replay", "x", "--from"],
    ["audit", "--since"],
    ["logs", "--since"],
  ]) {
    const refused = await said(...command, "2026-02-30");
    expect(refused.stderr).toContain("a date such as");
    expect(refused.status).not.toBe(0);
  }
});

test("nothing is proven of a time that is yet to come", async () => {
  const refused = await said("audit", "--since", "2999-01-01");
  expect(refused.stderr).toContain("yet to come");
  expect(refused.status).toBe(2);
});
