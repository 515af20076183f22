/** What metrics count by listening to what happens. Labels are bounded: plugins and fixed words. */
import type { Daemon } from "../daemon/daemon.ts";

export interface ErrorCount {
  plugin: string;
  /** A code of `errors.ts`. */
  kind: string;
  stage: "load" | "callback" | "host";
  count: number;
}

export class Happened {
  /** Events that retention took from plugins which had not had them, by lane id. */
  readonly dropped = new Map<string, number>();
  /** Event ids that are still to come in replays which run, by plugin. */
  readonly replays = new Map<string, number>();
  readonly #errors = new Map<string, ErrorCount>();

  constructor(happenings: Daemon["happenings"]) {
    happenings.listen((happening) => {
      if (happening.kind === "failure") {
        const { plugin, failure, consequence } = happening;
        // the plugin's own wish
        if (consequence === "skipped") return;
        const stage = failure.callback === null || failure.code.startsWith("HOST_") ? "host" : "callback";
        this.#error({ plugin, kind: failure.code, stage });
      } else if (happening.kind === "unloadable") {
        this.#error({ plugin: happening.plugin, kind: happening.code, stage: "load" });
      } else if (happening.kind === "replay") {
        const { plugin, state, last, doneId } = happening;
        if (state === "running") this.replays.set(plugin, Math.max(0, last - doneId));
        else this.replays.delete(plugin);
      } else if (happening.kind === "journal_dropped") {
        const { lane, firstSeq, lastSeq } = happening;
        this.dropped.set(lane, (this.dropped.get(lane) ?? 0) + lastSeq - firstSeq + 1);
      }
    });
  }

  /** A plugin's commonest error is there from the beginning, so that its first one is seen as an increase. */
  errorsOf(plugins: readonly string[]): ErrorCount[] {
    for (const plugin of plugins) this.#error({ plugin, kind: "CALLBACK_FAILED", stage: "callback" }, 0);
    return [...this.#errors.values()];
  }

  #error(of: Omit<ErrorCount, "count">, by = 1): void {
    const key = `${of.plugin} ${of.kind} ${of.stage}`;
    const known = this.#errors.get(key);
    if (known) known.count += by;
    else this.#errors.set(key, { ...of, count: by });
  }
}
