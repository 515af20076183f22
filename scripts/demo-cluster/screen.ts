/** What the demo of a cluster prints: a table that is drawn anew on a terminal, lines of what has changed in a pipe. */
import { styleText } from "node:util";
import { table } from "../../src/cli/table.ts";
import { type HostView, LEASE_S, type PluginView, type Scene, type View } from "./scene.ts";

export interface Screen {
  opening(): void;
  opened(scene: Scene): void;
  show(view: View): void;
  closing(view: View): void;
}

const NEWS_SHOWN = 6;

export function openScreen(stdout: NodeJS.WriteStream): Screen {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: stdout });
  const news: string[] = [];
  let before: View | null = null;
  let drawn = 0;
  const draw = (view: View) => {
    const text = `${hostTable(view.hosts, style)}\n${pluginTable(view.plugins, style)}\n${news.slice(-NEWS_SHOWN).join("\n")}\n`;
    stdout.write(`${drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : ""}${text}`);
    drawn = text.split("\n").length - 1;
  };
  return {
    opening() {
      stdout.write(`\n${style("green", "●")} ${style("bold", "Callsheet cluster demo")}\n\n`);
      stdout.write("Starting PostgreSQL, a site and three daemons …\n");
    },
    opened({ database, site }) {
      const keys = stdout.isTTY
        ? "1, 2, 3: kill -9 that daemon, or start it again; q: end"
        : "one daemon is killed with -9 by itself";
      const rows = [
        ["database", `${database}  a real PostgreSQL`],
        ["site", `${site}  a sandbox`],
        ["lease", `${LEASE_S} s  a daemon that is not heard of for so long is taken for dead`],
        ["keys", keys],
      ];
      stdout.write(`${table(rows.map(([name = "", value = ""]) => [`  ${style("dim", name)}`, value]))}\n`);
    },
    show(view) {
      const fresh = before ? changes(before, view) : [];
      before = view;
      news.push(...fresh);
      if (stdout.isTTY) draw(view);
      else for (const line of fresh) stdout.write(`${line}\n`);
    },
    closing(view) {
      const sum = (of: (plugin: PluginView) => number) => view.plugins.reduce((all, one) => all + of(one), 0);
      const lost = sum(({ waiting }) => waiting);
      const repeats = sum(({ repeats }) => repeats);
      const unmarked = sum(({ repeatsUnmarked }) => repeatsUnmarked);
      stdout.write(
        `\n${style(lost === 0 ? "green" : "red", "●")} Ended: ${view.events} events for ${view.plugins.length} plugins, ` +
          `${lost} lost, ${repeats} came again (${unmarked} of them unmarked).\n`,
      );
    },
  };
}

type Styler = (format: Parameters<typeof styleText>[0], text: string) => string;

function hostTable(hosts: readonly HostView[], style: Styler): string {
  const rows = hosts.map(({ name, alive, plugins, reads }, i) => [
    `  ${style("dim", String(i + 1))} ${style(alive ? "cyan" : "red", name)}`,
    alive ? "running" : style("red", "killed"),
    many(plugins, "plugin"),
    reads ? "reads the site" : "",
  ]);
  return table(rows);
}

function pluginTable(plugins: readonly PluginView[], style: Styler): string {
  const head = ["  plugin", "host", "delivered", "waiting", "lost", "came again"].map((text) =>
    style("dim", text),
  );
  const rows = plugins.map(({ name, host, delivered, waiting, lost, repeats }) => [
    `  ${name}`,
    host ? style("cyan", host) : style("yellow", "nobody"),
    String(delivered),
    String(waiting),
    lost > 0 ? style("red", String(lost)) : "0",
    String(repeats),
  ]);
  return table([head, ...rows]);
}

/** Since the last look, in lines. */
function changes(before: View, now: View): string[] {
  const at = `${now.seconds.toFixed(1).padStart(6)} s  `;
  const hosts = now.hosts.flatMap(({ name, alive }, i) => {
    if (alive === before.hosts[i]!.alive) return [];
    const { plugins } = before.hosts[i]!;
    return [
      at +
        (alive ? `${name} is started again` : `${name} is killed with -9; it had ${many(plugins, "plugin")}`),
    ];
  });
  const plugins = now.plugins.flatMap(({ name, host, repeats }, i) => {
    const was = before.plugins[i]!;
    const again = repeats > was.repeats ? `; ${many(repeats - was.repeats, "event")} came again` : "";
    if (host === was.host) return again ? [`${at}${name}: ${again.slice(2)}`] : [];
    return [`${at}${name}: ${was.host ?? "nobody"} → ${host ?? "nobody"}${again}`];
  });
  return [...hosts, ...plugins];
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
