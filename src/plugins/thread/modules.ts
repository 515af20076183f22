/** The daemon's side of module loading: gives a plugin's thread JavaScript for TypeScript, and keeps the list of what it loaded. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { LoadedModule } from "../../daemon/host.ts";
import { CallsheetError } from "../../errors.ts";
import { ownRoot } from "../imports.ts";
import type { ModuleAnswer, ModuleMessage } from "../messages.ts";
import { sha256, stripTypes } from "../strip.ts";
import { ABSENT } from "../watch.ts";

export class ThreadModules {
  /** For the thread. */
  readonly threadPort: MessagePort;
  readonly answers = new Int32Array(new SharedArrayBuffer(4));
  readonly #port: MessagePort;
  readonly #loaded = new Map<string, string>();
  /** JavaScript of what was loaded, by path, until the plugin is loaded: to find a syntax error in it. */
  readonly sources = new Map<string, string>();

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.threadPort = port2;
    port1.on("message", (message: ModuleMessage) => void this.#take(message));
  }

  get loaded(): LoadedModule[] {
    return Array.from(this.#loaded, ([path, sha256]) => ({ path, sha256 }));
  }

  /** Takes what the thread has said so far, to be sure that the list is complete. */
  drain(): void {
    for (let left = receiveMessageOnPort(this.#port); left; left = receiveMessageOnPort(this.#port))
      void this.#take(left.message);
  }

  close(): void {
    this.drain();
    this.#port.close();
  }

  async #take(message: ModuleMessage): Promise<void> {
    switch (message.type) {
      case "strip":
        return this.#answer(await this.#strip(message.url, message.path));
      case "missing":
        this.#loaded.set(message.path, ABSENT);
        return;
      case "loaded": {
        const source = message.source ?? (await readFile(message.path).catch(() => ""));
        this.#loaded.set(message.path, sha256(source));
        this.sources.set(message.path, Buffer.from(source).toString());
      }
    }
  }

  async #strip(url: string, path: string): Promise<ModuleAnswer> {
    try {
      const content = await readFile(fileURLToPath(url));
      const hash = sha256(content);
      if (!url.startsWith(ownRoot)) this.#loaded.set(path, hash);
      // The decoder also takes a byte order mark away.
      const source = stripTypes(path, new TextDecoder().decode(content), hash);
      if (!url.startsWith(ownRoot)) this.sources.set(path, source);
      return { source };
    } catch (error) {
      const known = error instanceof CallsheetError;
      return {
        error: {
          code: known ? error.code : "PLUGIN_LOAD",
          message: known ? error.message : `${path} cannot be read: ${(error as Error).message}`,
          hint: (known && error.hint) || null,
        },
      };
    }
  }

  #answer(answer: ModuleAnswer): void {
    this.#port.postMessage(answer);
    Atomics.add(this.answers, 0, 1);
    Atomics.notify(this.answers, 0);
  }
}
