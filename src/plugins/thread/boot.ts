/**
 * The first thing that runs in a plugin's thread. It is handed over as text, so it imports nothing of ours at the top.
 * It lets the thread load TypeScript without carrying a stripper: the daemon removes the types and answers with
 * JavaScript. Then it starts the guest.
 */
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { FromGuest, GuestStart, Link, ModuleAnswer, ModuleMessage, ToGuest } from "../messages.ts";

/** What a thread is started with. */
export interface ThreadStart {
  guest: GuestStart;
  guestUrl: string;
  port: MessagePort;
  modulePort: MessagePort;
  /** Counts the answers put into `modulePort`. */
  answers: Int32Array<SharedArrayBuffer>;
  /** Specifier → URL. */
  imports: Record<string, string>;
  ownRoot: string;
}

const { guest, guestUrl, port, modulePort, answers, imports, ownRoot } = workerData as ThreadStart;
const pluginUrl = pathToFileURL(guest.pluginPath).href;
/** Files reached through links: URL of the real file → path as it was written, which is the one to watch. */
const writtenPaths = new Map<string, string>();
let realPluginUrl = pluginUrl;

registerHooks({
  resolve(specifier, context, next) {
    const own = Object.hasOwn(imports, specifier) ? imports[specifier] : undefined;
    if (own !== undefined) return { url: own, shortCircuit: true };
    const written = writtenPath(specifier, context.parentURL);
    try {
      const resolved = next(specifier, context);
      if (specifier === pluginUrl) realPluginUrl = resolved.url;
      if (written !== null && resolved.url !== pathToFileURL(written).href)
        writtenPaths.set(resolved.url, written);
      return resolved;
    } catch (error) {
      if (written !== null) tell({ type: "missing", path: written });
      throw error;
    }
  },
  load(url, context, next) {
    const isPlugin = url === realPluginUrl;
    if (!url.startsWith("file:") || (url.includes("/node_modules/") && !isPlugin)) return next(url, context);
    const path = writtenPaths.get(url) ?? fileURLToPath(url);
    const typescript = /\.([cm]?)ts$/.exec(new URL(url).pathname);
    if (typescript) {
      const format = typescript[1] === "c" ? "commonjs" : "module";
      return { format, source: stripped(url, path), shortCircuit: true };
    }
    const loaded = next(url, isPlugin ? { ...context, format: "module" } : context);
    if (!url.startsWith(ownRoot)) tell({ type: "loaded", path, source: textOf(loaded.source) });
    return loaded;
  },
});

const { runGuest } = (await import(guestUrl)) as {
  runGuest(start: GuestStart, link: Link): (message: ToGuest) => void;
};
const exit = process.exit;
const receive = runGuest(guest, {
  send: (message: FromGuest) => port.postMessage(message),
  exit: (code) => exit.call(process, code),
});
port.on("message", receive);

/** The path that a relative or absolute specifier names, before links are followed; null for packages. */
function writtenPath(specifier: string, parentUrl: string | undefined): string | null {
  if (!/^(\.{0,2}\/|file:)/.test(specifier)) return null;
  const writtenParent = parentUrl && writtenPaths.get(parentUrl);
  try {
    const url = new URL(specifier, writtenParent ? pathToFileURL(writtenParent) : parentUrl);
    return url.protocol === "file:" ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}

/** Module loading is synchronous here, so the thread waits for the daemon's answer. */
function stripped(url: string, path: string): string {
  let seen = Atomics.load(answers, 0);
  tell({ type: "strip", url, path });
  for (;;) {
    const received = receiveMessageOnPort(modulePort) as { message: ModuleAnswer } | undefined;
    if (received) return sourceIn(received.message);
    Atomics.wait(answers, 0, seen);
    seen = Atomics.load(answers, 0);
  }
}

function sourceIn(answer: ModuleAnswer): string {
  if ("source" in answer) return answer.source;
  const { message, ...rest } = answer.error;
  throw Object.assign(new SyntaxError(message), rest);
}

function tell(message: ModuleMessage): void {
  modulePort.postMessage(message);
}

function textOf(source: unknown): string | Uint8Array | null {
  return typeof source === "string" || source instanceof Uint8Array ? source : null;
}
