import { Float, float, parseExact, stringifyExact } from "callsheet/client";
import fc from "fast-check";
import { expect, test } from "vitest";
import { connect } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

test("whole numbers beyond 2^53 arrive with all their digits, as bigint", async () => {
  const text =
    '{"results": {"entities": [{"type": "EventLogEntry", "id": 1, "meta": {"n": 9007199254740993}}]}}';
  await using site = await Recorder.open(() => ({ body: text }));
  await using client = connect(site.url);
  const record = await client.sg.findOne<{ meta: { n: bigint } }>("EventLogEntry", [], ["meta"]);
  expect(record?.meta.n).toBe(9007199254740993n);
  expect(stringifyExact(record?.meta)).toBe('{"n":9007199254740993}');
});

test("a bigint is sent with all its digits", async () => {
  await using site = await Recorder.open(() => page([]));
  await using client = connect(site.url);
  await client.sg.find("Shot", [["sg_big", "is", 9007199254740993n]]);
  expect(site.requests[0]?.text).toContain('"values":[9007199254740993]');
});

test("float() prints a decimal point, whatever the number", () => {
  const numbers: [number, string][] = [
    [2, "2.0"],
    [-3, "-3.0"],
    [0, "0.0"],
    [1.85, "1.85"],
    [1e21, "1e+21"],
  ];
  for (const [value, text] of numbers) expect(stringifyExact([float(value)])).toBe(`[${text}]`);
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = stringifyExact(new Float(value));
      expect(Number(text)).toBe(value === 0 ? 0 : value);
      expect(text).toMatch(/[.e]/);
    }),
  );
});

test("parseExact and stringifyExact carry any JSON with whole numbers of any size, both ways", () => {
  const integer = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
  const safe = (n: bigint) => (Number.isSafeInteger(Number(n)) ? Number(n) : n);
  const { value } = fc.letrec((tie) => ({
    leaf: fc.oneof(integer.map(safe), fc.string(), fc.boolean(), fc.constant(null)),
    list: fc.array(tie("value"), { maxLength: 4 }),
    object: fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
    value: fc.oneof({ depthSize: "small" }, tie("leaf"), tie("list"), tie("object")),
  }));
  fc.assert(
    fc.property(value, (tree) => {
      expect(parseExact(stringifyExact(tree))).toEqual(tree);
    }),
  );
});

test("numbers with a fraction or an exponent stay numbers, and long digits in texts stay texts", () => {
  expect(parseExact('[1234567890123456.5, 1e20, "12345678901234567890"]')).toEqual([
    1234567890123456.5,
    1e20,
    "12345678901234567890",
  ]);
});
