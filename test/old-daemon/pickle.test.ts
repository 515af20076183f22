/** State files as real Pythons write them, and everything else. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { readPickle } from "../../src/old-daemon/pickle.ts";
import { NaiveDate } from "../../src/old-daemon/pickle-date.ts";
import { PickleRefused } from "../../src/old-daemon/pickle-refusals.ts";
import { python, withoutPython } from "../plugins-python/python.ts";
import { pickledBy, python2States } from "./pickles.ts";

const PROTOCOLS = [0, 1, 2, 3, 4, 5];

const autumn = new NaiveDate("2026-11-01T08:04:59");
const spring = new NaiveDate("2026-03-29T02:30:00");
const none = new Map();

const STATE = `{"/p": {"notify": (105, {102: autumn, 103: autumn, 99: spring}), "fresh": (None, {})},
  "/\\u00fc\\u20ac\\U0001F3AC\\n\\\\u0041": {"big": (2**31 + 7, {2**33: autumn}), "neg": (-5, {})},
  "/many": {"p%d" % i: (i * 1000, {i: autumn}) for i in range(1200)}}`;
const SMALL = `{"/p": {"notify": (105, {102: autumn, 99: spring})}}`;
const REFUSED: [string, RegExp][] = [
  ["Harm()", /^it asks for "(posix|nt)\.system", which the daemon never writes; nothing of it was run$/],
  ["{'/p': Harm()}", /^it asks for/],
  ["print", /^it asks for "(__builtin__|builtins)\.print"/],
  ["collections.OrderedDict(a=1)", /^it asks for "collections\.OrderedDict"/],
  ["Sub(a=1)", /^it asks for "(__main__\.Sub|copy_reg\._reconstructor|copyreg\._reconstructor)"/],
  ["datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)", /^it asks for "datetime\.timezone"/],
  ["datetime.date(2026, 1, 1)", /^it asks for "datetime\.date"/],
  ["decimal.Decimal(5)", /^it asks for/],
  [
    "[1, 2]",
    /^it has the instruction (EMPTY_LIST|LIST), which the daemon never writes; nothing of it was run$/,
  ],
  ["1.5", /^it has the instruction (BINFLOAT|FLOAT)/],
  ["True", /^it has (True|the instruction NEWTRUE), which the daemon never writes; nothing of it was run$/],
  ["{'/p': {'notify': (False, {})}}", /^it has (False|the instruction NEWFALSE), which/],
  ["10 ** 80", /^it has a number that is far too large for an event id$/],
  ["{(1, 2): 3}", /^it has a dict whose keys are neither texts nor numbers$/],
];

const EXPRESSIONS = [STATE, SMALL, ...REFUSED.map(([expression]) => expression)];
const SETUP = `autumn = datetime.datetime(2026, 11, 1, 8, 4, 59, 10203)
spring = datetime.datetime(2026, 3, 29, 2, 30)
class Harm(object):
    def __reduce__(self): return os.system, ("exit 1",)
class Sub(dict): pass`;

describe("Python 2", () => {
  test.each(python2States)("$made, protocol $protocol", ({ base64 }) => {
    const expected = new Map<string, unknown>([
      [
        "/studio/plugins",
        new Map<string, unknown>([
          [
            "notify",
            [
              105,
              new Map([
                [102, autumn],
                [103, autumn],
                [99, spring],
              ]),
            ],
          ],
          ["fresh", [null, none]],
        ]),
      ],
      [
        "/studio/plug-ins é'\"\\",
        new Map<string, unknown>([
          ["big", [2 ** 31 + 7, new Map([[2 ** 33, autumn]])]],
          ["long", [12345678901, none]],
        ]),
      ],
      ["/studio/ü€\\u0041\n", new Map([["one", [1, none]]])],
      ["/empty", none],
    ]);
    expect(readPickle(Buffer.from(base64, "base64"))).toEqual(expected);
  });

  const python2 = process.env.PYTHON2 ?? "python2.7";
  const found = runs(python2);
  if (!found)
    console.warn(
      "No python2.7 is found (PYTHON2 names one): its files are tested as kept in python2-states.jsonl.",
    );

  test.skipIf(!found)("the kept files are what it writes", () => {
    const made = execFileSync(python2, [join(import.meta.dirname, "python2-states.py")], {
      encoding: "utf8",
    });
    expect(made.trimEnd().split("\n").length).toBe(python2States.length);
    for (const line of made.trimEnd().split("\n")) {
      const { base64 } = JSON.parse(line) as { base64: string };
      expect(readPickle(Buffer.from(base64, "base64"))).toEqual(
        readPickle(Buffer.from(python2States[0]!.base64, "base64")),
      );
    }
  });
});

function runs(program: string): boolean {
  try {
    execFileSync(program, ["-c", "print(1)"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(withoutPython)("Python 3", () => {
  let pickles: ReadonlyMap<string, Buffer[]>;
  const pickled = (expression: string, protocol: number) => pickles.get(expression)![protocol]!;
  beforeAll(() => {
    pickles = pickledBy(python!, SETUP, EXPRESSIONS);
  });

  test.each(PROTOCOLS)("a state in protocol %i", (protocol) => {
    const many = Array.from(
      { length: 1200 },
      (_, i) => [`p${i}`, [i * 1000, new Map([[i, autumn]])]] as const,
    );
    expect(readPickle(pickled(STATE, protocol))).toEqual(
      new Map<string, unknown>([
        [
          "/p",
          new Map<string, unknown>([
            [
              "notify",
              [
                105,
                new Map([
                  [102, autumn],
                  [103, autumn],
                  [99, spring],
                ]),
              ],
            ],
            ["fresh", [null, none]],
          ]),
        ],
        [
          "/ü€🎬\n\\u0041",
          new Map<string, unknown>([
            ["big", [2 ** 31 + 7, new Map([[2 ** 33, autumn]])]],
            ["neg", [-5, none]],
          ]),
        ],
        ["/many", new Map(many)],
      ]),
    );
  });

  test.each(REFUSED)("%s is refused, in every protocol", (expression, sentence) => {
    for (const protocol of PROTOCOLS) {
      expect(refusal(pickled(expression, protocol))).toMatch(sentence);
    }
  });

  test.each(PROTOCOLS)("cut short anywhere it says so, protocol %i", (protocol) => {
    const whole = pickled(SMALL, protocol);
    for (let length = 0; length < whole.length; length += 1) {
      expect(refusal(whole.subarray(0, length))).toMatch(/^it ends in the middle/);
    }
  });
});

test.each<[string, string, RegExp]>([
  ["nothing that is a pickle", "<html>", /^it is no pickle$/],
  ["an instruction that is none", "\x80\x04\xff", /^it is damaged: byte 2 is 0xff, which is no instruction$/],
  ["a protocol to come", "\x80\x63.", /^it is a pickle of protocol 99, which is not known here$/],
  ["an extension", "\x80\x02\x82\x01.", /^it has the instruction EXT1/],
  ["a persistent id", "Pnumber\n.", /^it has the instruction PERSID/],
  ["an instance", "(ios\nsystem\n.", /^it has the instruction INST/],
  ["a state for an object", "}}b.", /^it has the instruction BUILD/],
  ["the end of nothing", ".", /^it is damaged/],
  ["an end too early", "}}.", /^it is damaged/],
  ["more behind the end", "}.}", /^it is damaged: it goes on after its end$/],
  ["a key that comes twice", "}(K\x01NK\x01Nu.", /^it is damaged/],
  ["something kept out of turn", "}q\x05.", /^it is damaged/],
  ["a number that begins with zeros", "I05\n.", /^it is damaged/],
  ["a callable alone", "cdatetime\ndatetime\n.", /^it is damaged/],
  ["a call of a text", "K\x01)R.", /^it is damaged/],
  ["something that was never kept", "h\x05.", /^it is damaged/],
  ["a mark alone", "(.", /^it is damaged/],
  [
    "a date that is none",
    "cdatetime\ndatetime\n(K\x01K\x0dK\x01tR.",
    /^it is damaged: it has a date that is none$/,
  ],
  ["another encoding", "c_codecs\nencode\n(Va\nVrot13\ntR.", /^it asks for _codecs\.encode in a way/],
  ["control characters in a name", "cos\x1b[31m\nx\n.", /^it asks for "os\\u001b\[31m\.x"/],
])("%s is refused", (_, text, sentence) => {
  expect(refusal(Buffer.from(text, "latin1"))).toMatch(sentence);
});

test.each<[string, Buffer]>([
  ["dicts", Buffer.alloc(4_000_000, "}")],
  ["tuples in tuples", Buffer.concat([Buffer.from(")"), Buffer.alloc(4_000_000, "\x85", "latin1")])],
  ["Nones", Buffer.alloc(4_000_000, "N")],
  ["entries", entries(2_100_000)],
  ["things kept", Buffer.concat([Buffer.from("N"), Buffer.from("\x94".repeat(1_100_000), "latin1")])],
])("more %s than a state can have are refused", (_, bytes) => {
  expect(refusal(bytes)).toBe("it holds more than the state of a daemon can");
});

/** A dict with so many, each with a key of its own. */
function entries(count: number): Buffer {
  const bytes = Buffer.alloc(1 + count * 8, "}");
  for (let key = 0; key < count; key += 1) {
    bytes.write("(J0000Nu", 1 + key * 8);
    bytes.writeInt32LE(key, 3 + key * 8);
  }
  return bytes;
}

test("lengths beyond the file take no memory", () => {
  const lengths = [
    "T\xff\xff\xff\x7f",
    "\x8e\xff\xff\xff\xff\xff\x00\x00\x00",
    "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f",
    "\x8b\xff\xff\xff\x7f",
  ];
  for (const text of lengths) {
    expect(refusal(Buffer.from(`\x80\x04${text}`, "latin1"))).toMatch(/^it ends in the middle/);
    expect(refusal(Buffer.from(text, "latin1"))).toBe("it is no pickle");
  }
});

const INSTRUCTION_BYTES = Buffer.from(
  "(NtscRILSVdpgJKMTUX})uqrhj\x80\x85\x86\x87\x8a\x8bBC\x8c\x8d\x8e\x93\x94\x95.",
  "latin1",
);

test("no bytes make it crash or hang", () => {
  const likely = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...INSTRUCTION_BYTES) },
      { weight: 2, arbitrary: fc.nat(255) },
      { weight: 2, arbitrary: fc.constantFrom(0, 1, 2, 10, 49) },
    ),
    { maxLength: 200 },
  );
  const text = fc.constantFrom(
    "cdatetime\ndatetime\n",
    "c_codecs\nencode\n",
    "Vlatin1\n",
    "I5\n",
    "(",
    "tR",
    "}",
    "K\x05",
    "\x85R",
    "u.",
    ".",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        likely.map((bytes) => Uint8Array.from(bytes)),
        fc.array(text, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(""), "latin1")),
      ),
      (bytes) => {
        try {
          readPickle(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(PickleRefused);
        }
      },
    ),
    { numRuns: 5000 },
  );
});

function refusal(bytes: Uint8Array): string {
  try {
    readPickle(bytes);
  } catch (error) {
    if (error instanceof PickleRefused) return error.message;
    throw error;
  }
  throw new Error("it was read");
}
