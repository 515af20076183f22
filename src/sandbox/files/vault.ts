/** Where a site keeps the bytes of its files: a folder beside its database, or memory. */
import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asError } from "../../errors.ts";
import { refused } from "../fault.ts";

const KEY = /^[0-9a-f]{32}$/;

/** A new name for something in the vault: 32 hexadecimal digits. */
export function newKey(): string {
  return randomBytes(16).toString("hex");
}

/** The name of one part of a file that comes in parts. */
export function partKey(key: string, part: number): string {
  return createHash("sha256").update(`${key} part ${part}`).digest("hex").slice(0, 32);
}

export function etagOf(bytes: Buffer): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

export class Vault {
  readonly #folder: string | null;
  readonly #memory = new Map<string, Buffer>();

  /** @param storage the site's database file, or ":memory:"; files go to `<storage>.files` */
  constructor(storage: string) {
    this.#folder = storage === ":memory:" ? null : `${storage}.files`;
  }

  /**
   * Keeps the bytes under a key made by {@link newKey} or {@link partKey}; replaces what was there.
   * @throws SiteFault 104 when the disk does not take them
   */
  async put(key: string, bytes: Buffer): Promise<void> {
    if (!this.#folder) {
      this.#memory.set(key, bytes);
      return;
    }
    await this.#onDisk(async () => {
      await mkdir(this.#folder!, { recursive: true });
      // Whole or not at all, also when the process ends in between.
      await writeFile(`${this.#path(key)}.new`, bytes);
      await rename(`${this.#path(key)}.new`, this.#path(key));
    });
  }

  /** Null when there is nothing under the key. */
  async get(key: string): Promise<Buffer | null> {
    if (!KEY.test(key)) return null;
    if (!this.#folder) return this.#memory.get(key) ?? null;
    try {
      return await readFile(this.#path(key));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    this.#memory.delete(key);
    if (this.#folder) await rm(this.#path(key), { force: true });
  }

  /** Puts the parts together, in this order, and forgets them. Returns the size. */
  async join(key: string, parts: string[]): Promise<number> {
    let size = 0;
    const chunks: Buffer[] = [];
    if (this.#folder) await rm(`${this.#path(key)}.new`, { force: true });
    for (const part of parts) {
      const bytes = (await this.get(part)) ?? Buffer.alloc(0);
      size += bytes.length;
      if (this.#folder) await this.#onDisk(() => appendFile(`${this.#path(key)}.new`, bytes));
      else chunks.push(bytes);
    }
    if (this.#folder) await rename(`${this.#path(key)}.new`, this.#path(key));
    else this.#memory.set(key, Buffer.concat(chunks));
    for (const part of parts) await this.remove(part);
    return size;
  }

  #path(key: string): string {
    return join(this.#folder!, key);
  }

  async #onDisk(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? asError(error).message;
      throw refused(`The file could not be kept (${code}).`);
    }
  }
}
