/** Wrapping a method of a class from outside. One that is not there any more ends the process: its point would never be met. */

interface Around {
  before?(self: object, args: unknown[]): void;
  /** Once it has returned; of a promise, once it has resolved. */
  after?(self: object, args: unknown[], result: unknown): void;
}

export function around(
  type: { prototype: object; name: string },
  method: string,
  { before, after }: Around,
): void {
  const methods = type.prototype as Record<string, unknown>;
  const original = methods[method];
  if (typeof original !== "function")
    throw new Error(`${type.name} has no method ${method} for a crash point`);
  methods[method] = function wrapped(this: object, ...args: unknown[]) {
    before?.(this, args);
    const result: unknown = original.apply(this, args);
    if (!after) return result;
    if (!(result instanceof Promise)) {
      after(this, args, result);
      return result;
    }
    return result.then((value: unknown) => {
      after(this, args, value);
      return value;
    });
  };
}
