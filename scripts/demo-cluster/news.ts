/** What has changed from one look at the demo's cluster to the next, in lines. */
import type { Ended } from "../../test/chaos/process.ts";
import type { View } from "./scene.ts";

export class News {
  #before: View | null = null;
  /** Killed hosts whose plugins are not all with others yet: when that was, in seconds, and which they are. */
  readonly #missed = new Map<string, { at: number; plugins: string[] }>();

  /** Nothing at the first look. */
  since(view: View): string[] {
    const before = this.#before;
    this.#before = view;
    if (!before) return [];
    const lines = [...this.#hosts(before, view), ...moves(before, view), ...this.#takenOver(view)];
    return lines.map((line) => `${view.seconds.toFixed(1).padStart(6)} s  ${line}`);
  }

  #hosts(before: View, { seconds, hosts }: View): string[] {
    return hosts.flatMap(({ name, alive, byItself }, i) => {
      if (alive === before.hosts[i]!.alive) return [];
      if (alive) {
        this.#missed.delete(name);
        return [`${name} is started again`];
      }
      const plugins = before.plugins.filter(({ host }) => host === name).map((plugin) => plugin.name);
      if (plugins.length > 0) this.#missed.set(name, { at: seconds, plugins });
      const how = byItself ? `has ended by itself (${endOf(byItself)})` : "is killed with -9";
      return [`${name} ${how}; it had ${many(plugins.length, "plugin")}`];
    });
  }

  #takenOver({ seconds, plugins }: View): string[] {
    const hosts = new Map(plugins.map(({ name, host }) => [name, host]));
    return Array.from(this.#missed).flatMap(([host, { at, plugins: had }]) => {
      if (had.some((name) => [null, undefined, host].includes(hosts.get(name)))) return [];
      this.#missed.delete(host);
      return [`all that ${host} had runs elsewhere, ${(seconds - at).toFixed(1)} s after`];
    });
  }
}

/** A line for all that go the same way. */
function moves(before: View, now: View): string[] {
  const ways = new Map<string, string[]>();
  const again: string[] = [];
  for (const [i, { name, host, repeats }] of now.plugins.entries()) {
    const was = before.plugins[i]!;
    const way = `${was.host ?? "nobody"} → ${host ?? "nobody"}`;
    if (host !== was.host) ways.set(way, [...(ways.get(way) ?? []), name]);
    if (repeats > was.repeats) again.push(`${name}: ${many(repeats - was.repeats, "event")} came again`);
  }
  return [...Array.from(ways, ([way, names]) => `${way}: ${names.join(", ")}`), ...again];
}

export function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

export function endOf({ code, signal }: Pick<Ended, "code" | "signal">): string {
  return signal ?? `status ${code}`;
}
