/** Keeps the daemon of a chaos run alive, as a service manager would, and its stopped plugins going, as an operator would. */
import { setTimeout as wait } from "node:timers/promises";
import { type Control, openControl } from "../../src/cli/control/control.ts";
import { DaemonProcess, type Ended, isPlainRefusal } from "./process.ts";
import type { Studio } from "./studio.ts";

/** What a daemon is started with, and mended. */
export type Kept = Pick<Studio, "config" | "state" | "env" | "repair">;

export class Keeper {
  readonly counts = { starts: 0, kills: 0, hostKills: 0, refusals: 0, repairs: 0, operatorRetries: 0 };
  /** What must not happen, in sentences. */
  readonly violations: string[] = [];
  /** While its disk is full, read-only or damaged, it may end by itself, if it says why. */
  sick = false;
  /** Every daemon that was started, in order. */
  readonly lives: DaemonProcess[] = [];
  #zone = "UTC";
  #stopping = false;
  readonly #studio: Kept;

  constructor(studio: Kept) {
    this.#studio = studio;
    this.#start();
  }

  get daemon(): DaemonProcess {
    return this.lives.at(-1)!;
  }

  /** Kills it with -9, lets something happen while it is dead, and starts it again. */
  async restart(meanwhile: () => unknown = () => {}, zone?: string): Promise<void> {
    const killed = this.daemon;
    this.#stopping = true;
    await killed.kill();
    this.counts.kills += 1;
    if (zone !== undefined) this.#zone = zone;
    await meanwhile();
    this.startAgain();
  }

  /** Asks it to end, and answers how it did. */
  async stop(): Promise<Ended> {
    this.#stopping = true;
    this.daemon.child.kill("SIGTERM");
    return this.daemon.ended;
  }

  /** Kills it, and starts none any more. */
  giveUp(): void {
    this.#stopping = true;
    this.daemon.child.kill("SIGKILL");
  }

  /** After `stop`. */
  startAgain(): void {
    this.#stopping = false;
    this.#start();
  }

  /** Whoever is on call starts the plugins that stopped. */
  async retryFailed(): Promise<void> {
    await this.control(async (control) => {
      const { plugins } = await control.get<{ plugins: { name: string; activity: string }[] }>("/plugins");
      for (const { name } of plugins.filter(({ activity }) => activity === "failed")) {
        await control.post(`/plugins/${name}/retry`, { by: "chaos", why: "mischief is over" });
        this.counts.operatorRetries += 1;
      }
    });
  }

  /** What the control API answers; null while there is no daemon, or it is not ready to be asked. */
  async control<T>(ask: (control: Control) => Promise<T>): Promise<T | null> {
    try {
      return await ask(await openControl({ state: this.#studio.state }, false));
    } catch {
      return null;
    }
  }

  #start(): void {
    this.counts.starts += 1;
    const daemon = new DaemonProcess(this.#studio.config, { ...this.#studio.env, TZ: this.#zone });
    this.lives.push(daemon);
    void daemon.ended.then((ended) => this.#hasEnded(daemon, ended));
  }

  async #hasEnded(daemon: DaemonProcess, ended: Ended): Promise<void> {
    if (this.#stopping || daemon !== this.daemon) return;
    this.#judge(ended);
    await wait(300);
    // the damage is done, and the daemon said what to do about it
    if (/callsheet repair/.test(ended.words)) this.#repair();
    if (!this.#stopping && daemon === this.daemon) this.#start();
  }

  #judge(ended: Ended): void {
    if (this.sick && isPlainRefusal(ended)) this.counts.refusals += 1;
    else {
      const how = this.sick ? "without a plain sentence" : "by itself";
      this.violations.push(
        `the daemon ended ${how} (status ${ended.code}, signal ${ended.signal}):\n${ended.words}`,
      );
    }
  }

  #repair(): void {
    const { status, printed } = this.#studio.repair();
    this.counts.repairs += 1;
    if (status !== 0) this.violations.push(`callsheet repair ended with ${status}:\n${printed}`);
  }
}
