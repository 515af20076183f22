import type { Emails } from "./happenings.ts";
import type { CallbackInfo, Host, LoadedModule } from "./host.ts";
import type { Loaded, LoadProblem } from "./loading.ts";

/** A lane's host, and what is known of its plugin by the last load. */
export class LaneHost {
  host: Host | null = null;
  callbacks: readonly CallbackInfo[] = [];
  emails: Emails = true;
  problem: LoadProblem | null = null;
  /** Milliseconds that the last load took. */
  loadMs: number | null = null;
  #modules: readonly LoadedModule[] = [];

  /** The files that it consists of. */
  get modules(): readonly LoadedModule[] {
    return this.host?.modules ?? this.#modules;
  }

  loaded(host: Host): void {
    this.host = host;
    this.callbacks = host.callbacks;
    this.emails = host.emails;
    this.loadMs = host.loadMs;
    this.problem = null;
  }

  unloadable({ problem, modules }: Extract<Loaded, { kind: "problem" }>): void {
    this.#modules = modules ?? this.#modules;
    this.problem = problem;
  }

  gone(): void {
    this.#modules = this.modules;
    this.host = null;
  }
}
