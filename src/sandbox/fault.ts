/**
 * What a site answers instead of a result. The HTTP reply is a 200 with `{exception: true, message,
 * error_code}` (protocol notes 1.3 and 11).
 */
export class SiteFault extends Error {
  override name = "SiteFault";
  /** 102: credentials. 103: the request is malformed. 104: the data or its rules refuse. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A value out of a request, in the text of a fault. `String` would throw for `{"toString": 1}`. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** A malformed request: unknown field, type, relation, value type. */
export function malformed(message: string): SiteFault {
  return new SiteFault(103, message);
}

/** A request that the data, its rules or a transaction refuse. */
export function refused(message: string): SiteFault {
  return new SiteFault(104, message);
}
