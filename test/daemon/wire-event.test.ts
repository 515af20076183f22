import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asWireEvent } from "../../src/daemon/wire-event.ts";
import { CallsheetError } from "../../src/errors.ts";

describe("asWireEvent", () => {
  it("takes any row with an id, and refuses any other with one sentence", () => {
    const fields = fc.dictionary(
      fc.constantFrom("id", "event_type", "attribute_name", "meta", "entity", "user", "created_at"),
      fc.anything(),
    );
    fc.assert(
      fc.property(fields, fc.option(fc.integer({ min: 1 }), { nil: undefined }), (row, id) => {
        const given: Record<string, unknown> = id === undefined ? row : { ...row, id };
        try {
          const event = asWireEvent(given);
          expect(event.id).toBe(given.id);
          expect(typeof event.event_type).toBe("string");
          expect(typeof event.created_at).toBe("string");
          expect(
            [event.entity, event.user].every((link) => link === null || typeof link.id === "number"),
          ).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(CallsheetError);
          expect(id).toBe(undefined);
        }
      }),
    );
  });

  it("gives words that a database keeps as they are", () => {
    const { event_type, attribute_name } = asWireEvent({
      id: 1,
      event_type: "a\ud800",
      attribute_name: "b\0",
    });
    expect([event_type, attribute_name]).toEqual(["a\ufffd", "b\ufffd"]);
  });

  it("takes a meta that came as text apart", () => {
    expect(asWireEvent({ id: 1, meta: '{"type":"new_entity","entity_id":7}' }).meta).toEqual({
      type: "new_entity",
      entity_id: 7,
    });
    expect(asWireEvent({ id: 1, meta: "not json" }).meta).toBe(null);
    expect(asWireEvent({ id: 1, meta: { a: 1 } }).meta).toEqual({ a: 1 });
  });
});
