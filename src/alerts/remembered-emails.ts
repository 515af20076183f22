/** Who is told about each plugin, from the last time that it was loaded: one that does not load any more cannot say. */
import type { Emails } from "./news.ts";

/** Plugins that come and go must not fill the file. */
const MOST_PLUGINS = 1000;

export class RememberedEmails {
  /** Those set last are at the end. `true` is what is not here. */
  readonly #emails: Map<string, Emails>;

  constructor(stored: Readonly<Record<string, Emails>> = {}) {
    this.#emails = new Map(Object.entries(stored));
  }

  /** True when that is new. */
  set(plugin: string, emails: Emails): boolean {
    const isNew = String(this.of(plugin) ?? true) !== String(emails);
    this.#emails.delete(plugin);
    if (emails !== true) this.#emails.set(plugin, emails);
    for (const oldest of this.#emails.keys()) {
      if (this.#emails.size <= MOST_PLUGINS) break;
      this.#emails.delete(oldest);
    }
    return isNew;
  }

  of(plugin: string): Emails | undefined {
    return this.#emails.get(plugin);
  }

  snapshot(): Record<string, Emails> {
    return Object.fromEntries(this.#emails);
  }
}
