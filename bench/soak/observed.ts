/** What became of the plugins, by the daemon's log: that something was done to one does not say that it had an effect. */

export interface Seen {
  /** Changed files that were loaded. */
  reloads: number;
  /** Callbacks that threw and stopped their plugin. */
  breaks: number;
  /** Hosts that ended by themselves. */
  exits: number;
  /** Whether it waits for another file. */
  stopped: boolean;
}

interface LogLine {
  level?: string;
  message?: string;
  plugin?: string;
  kind?: string;
  code?: string;
}

const GRAVE = new Set(["error", "critical"]);

export class Observed {
  /** What went wrong with a plugin to which nothing had been done. */
  readonly unasked: string[] = [];
  readonly #isAsked: (plugin: string) => boolean;
  readonly #plugins = new Map<string, Seen & { changed: boolean }>();

  /** @param isAsked whether something was done to a plugin that may make it fail */
  constructor(isAsked: (plugin: string) => boolean) {
    this.#isAsked = isAsked;
  }

  of(plugin: string): Readonly<Seen> {
    return this.#of(plugin);
  }

  sum(figure: "reloads" | "breaks" | "exits"): number {
    return [...this.#plugins.values()].reduce((sum, seen) => sum + seen[figure], 0);
  }

  /** @param text one line of the log */
  line(text: string): void {
    const line = parsed(text);
    if (line?.plugin === undefined) return;
    this.#take(line, line.plugin, line.message ?? "");
    if (GRAVE.has(line.level ?? "") && !this.#isAsked(line.plugin)) this.unasked.push(line.message ?? text);
  }

  #take({ kind, code }: LogLine, plugin: string, message: string): void {
    const seen = this.#of(plugin);
    if (message.includes(`changed; reloading ${plugin}`)) seen.changed = true;
    else if (message.startsWith(`reloaded ${plugin} `)) {
      // a host that was killed between two events is followed by another without a word
      if (seen.changed) seen.reloads += 1;
      else this.#exited(plugin, `${plugin} was loaded again though nothing had changed`);
      seen.changed = seen.stopped = false;
    } else if (kind === "load_failed") seen.stopped = true;
    else if (kind === "failure") {
      seen.stopped = true;
      if (code === "HOST_EXITED") seen.exits += 1;
      else seen.breaks += 1;
    }
  }

  #exited(plugin: string, words: string): void {
    this.#of(plugin).exits += 1;
    if (!this.#isAsked(plugin)) this.unasked.push(words);
  }

  #of(plugin: string) {
    const known = this.#plugins.get(plugin);
    if (known) return known;
    const fresh = { reloads: 0, breaks: 0, exits: 0, stopped: false, changed: false };
    this.#plugins.set(plugin, fresh);
    return fresh;
  }
}

function parsed(text: string): LogLine | null {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    // not of the daemon's log
    return null;
  }
}
