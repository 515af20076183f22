/** A callback's `sg`. The client is loaded, and the connection made, when a callback first uses it. */
import { createRequire } from "node:module";
import { extname } from "node:path";
import type { Shotgun } from "../../client/shotgun.ts";
import type { Transport } from "../../client/transport.ts";

export interface ConnectionParts {
  siteUrl: string;
  timeoutMs: number;
  scriptName: string;
  scriptKey: string;
  transport: Transport;
}

export class LazyShotgun {
  /** Behaves as a `Shotgun` in every way. */
  readonly sg: Shotgun;
  readonly #parts: ConnectionParts;
  #real: Shotgun | null = null;
  #sessionUuid: string | null = null;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.sg = new Proxy({}, this.#forward()) as Shotgun;
  }

  setSessionUuid(uuid: string | null): void {
    this.#sessionUuid = uuid;
    this.#real?.setSessionUuid(uuid);
  }

  #shotgun(): Shotgun {
    if (this.#real) return this.#real;
    const { siteUrl, ...options } = this.#parts;
    const { Shotgun } = loadClient();
    this.#real = new Shotgun(siteUrl, { ...options, sessionUuid: this.#sessionUuid });
    return this.#real;
  }

  #forward(): ProxyHandler<object> {
    const bound = new Map<unknown, unknown>();
    return {
      get: (_, key) => {
        const shotgun = this.#shotgun();
        const value: unknown = Reflect.get(shotgun, key, shotgun);
        if (typeof value !== "function" || key === "constructor") return value;
        // Its private fields are reached only through the real object.
        if (!bound.has(value)) bound.set(value, value.bind(shotgun));
        return bound.get(value);
      },
      set: (_, key, value) => Reflect.set(this.#shotgun(), key, value),
      has: (_, key) => Reflect.has(this.#shotgun(), key),
      getPrototypeOf: () => Reflect.getPrototypeOf(this.#shotgun()),
      ownKeys: () => Reflect.ownKeys(this.#shotgun()),
      getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(this.#shotgun(), key),
    };
  }
}

/** At once and not as a promise, since `sg.find(…)` must have been called when it returns. */
function loadClient(): { Shotgun: typeof Shotgun } {
  return createRequire(import.meta.url)(`../../client/shotgun${extname(import.meta.filename)}`);
}
