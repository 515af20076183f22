import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallbackInfo } from "../../src/daemon/host.ts";
import { Matcher, wants } from "../../src/daemon/matching.ts";

const CHANGE = "Shotgun_Task_Change";

describe("wants", () => {
  const table: [string, CallbackInfo["matchEvents"], string, string | null, boolean][] = [
    ["null: everything", null, CHANGE, "code", true],
    ["{}: everything", {}, CHANGE, null, true],
    ["another type", { Shotgun_Shot_Change: null }, CHANGE, "code", false],
    ["any field", { [CHANGE]: null }, CHANGE, "code", true],
    ["any field, and the event has none", { [CHANGE]: null }, CHANGE, null, true],
    ["* in the list", { [CHANGE]: ["x", "*"] }, CHANGE, "code", true],
    ["* in the list, and the event has none", { [CHANGE]: ["*"] }, CHANGE, null, true],
    ["listed", { [CHANGE]: ["code", "sg_status_list"] }, CHANGE, "sg_status_list", true],
    ["not listed", { [CHANGE]: ["code"] }, CHANGE, "sg_status_list", false],
    ["a list never matches an event without a field", { [CHANGE]: ["code"] }, CHANGE, null, false],
    ["an empty list matches nothing", { [CHANGE]: [] }, CHANGE, "code", false],
    ["* as type", { "*": null }, CHANGE, "code", true],
    ["* as type with fields", { "*": ["code"] }, CHANGE, "code", true],
    ["* as type with other fields", { "*": ["code"] }, CHANGE, "x", false],
    ["* beside the type is not hidden by it", { "*": ["x"], [CHANGE]: ["code"] }, CHANGE, "x", true],
    ["names of Object.prototype are no event types", { a: null }, "constructor", "code", false],
  ];
  it.each(table)("%s", (_, matchEvents, type, field, expected) => {
    expect(wants(matchEvents, type, field, "typescript")).toBe(expected);
    expect(wants(matchEvents, type, field, "python")).toBe(expected);
  });

  it("adds what stands beside * to it in TypeScript, and hides it for Python", () => {
    const filter = { "*": ["x"], [CHANGE]: ["code"] };
    expect(wants(filter, CHANGE, "code", "typescript")).toBe(true);
    expect(wants(filter, CHANGE, "code", "python")).toBe(false);
  });

  it("takes a string as a list of one in TypeScript, and as a text to look in for Python", () => {
    const filter = { [CHANGE]: "sg_status_list" };
    expect(wants(filter, CHANGE, "sg_status_list", "typescript")).toBe(true);
    expect(wants(filter, CHANGE, "status", "typescript")).toBe(false);
    expect(wants(filter, CHANGE, "status", "python")).toBe(true);
    expect(wants(filter, CHANGE, "sg_status_list_2", "python")).toBe(false);
    expect(wants({ [CHANGE]: "*" }, CHANGE, null, "typescript")).toBe(true);
  });
});

describe("Matcher", () => {
  it("answers like `wants` for each callback, also from memory", () => {
    const type = fc.constantFrom("A_New", "A_Change", "B_Change");
    const field = fc.constantFrom("code", "status", "tags", null);
    const fields = fc.oneof(
      fc.constant(null),
      fc.constantFrom("code", "*"),
      fc.array(fc.constantFrom("code", "status", "*"), { maxLength: 2 }),
    );
    const filter = fc.oneof(
      fc.constant(null),
      fc.dictionary(fc.constantFrom("A_New", "A_Change", "*"), fields),
    );
    fc.assert(
      fc.property(
        fc.array(filter, { maxLength: 4 }),
        fc.array(fc.tuple(type, field), { maxLength: 20 }),
        (filters, events) => {
          const callbacks = filters.map((matchEvents, index) => callback(index, matchEvents));
          const matcher = new Matcher(callbacks, "typescript");
          for (const [eventType, attribute] of events) {
            const expected = callbacks
              .filter(({ matchEvents }) => wants(matchEvents, eventType, attribute, "typescript"))
              .map(({ index }) => index);
            expect(matcher.match(eventType, attribute)).toEqual(expected);
          }
        },
      ),
    );
  });
});

function callback(index: number, matchEvents: CallbackInfo["matchEvents"]): CallbackInfo {
  const key = `callback ${index}`;
  return {
    index,
    name: key,
    key,
    scriptName: "s",
    matchEvents,
    stopOnError: true,
    retry: { attempts: 0, backoffMs: 0 },
    timeoutMs: null,
  };
}
