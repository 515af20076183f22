/** What the demo of a cluster prints: a table that is drawn anew on a terminal, lines of what has changed in a pipe. */
import { styleText } from "node:util";
import { table } from "../../src/cli/table.ts";
import { endOf, many, News } from "./news.ts";
import { type HostView, LEASE_S, type PluginView, type Scene, type Verdict, type View } from "./scene.ts";

export interface Screen {
  opening(): void;
  opened(scene: Scene): void;
  show(view: View): void;
  /** What is under way is waited for. */
  ending(): void;
  /** @param failed daemons that ended by themselves, and should not have */
  closing(verdict: Verdict, failed: readonly HostView[]): void;
  /** It was asked to end before it had begun. */
  brokenOff(): void;
}

const NEWS_SHOWN = 8;
/** Of what a daemon said that ended by itself. */
const LAST_LINES = 5;
/** A line that is too long is cut by the terminal: one that is wrapped could not be drawn over. */
const CUT = "\x1b[?7l";
const WRAP = "\x1b[?7h";

export function openScreen(stdout: NodeJS.WriteStream): Screen {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    styleText(format, text, { stream: stdout });
  const news = new News();
  const told: string[] = [];
  let heading = "";
  let drawn = 0;
  const draw = (view: View) => {
    const text = `${hostTable(view.hosts, style)}\n${pluginTable(view.plugins, style)}\n${told.slice(-NEWS_SHOWN).join("\n")}`;
    // some do not say how high they are
    const lines = text.split("\n").slice(0, stdout.rows ? Math.max(1, stdout.rows - 1) : undefined);
    const back = drawn > 0 ? `\x1b[${drawn}A` : "";
    stdout.write(`${CUT}${back}\x1b[0J${lines.join("\n")}\n${WRAP}`);
    drawn = lines.length;
  };
  // what stands there was wrapped anew
  stdout.on("resize", () => {
    if (drawn === 0) return;
    drawn = 0;
    stdout.write(`\x1b[2J\x1b[H${heading}`);
  });
  return {
    opening() {
      stdout.write(`\n${style("green", "●")} ${style("bold", "Callsheet cluster demo")}\n\n`);
      stdout.write("Starting PostgreSQL, a site and three daemons …\n");
    },
    opened({ database, site }) {
      const keys =
        stdout.isTTY && process.stdin.isTTY
          ? "1, 2, 3: kill -9 that daemon, or start it again; q: end"
          : "one daemon is killed with -9 by itself";
      const rows = [
        ["database", `${database}  a real PostgreSQL`],
        ["site", `${site}  a sandbox`],
        ["lease", `${LEASE_S} s  a daemon that is not heard of for so long is taken for dead`],
        ["keys", keys],
      ];
      heading = `${table(rows.map(([name = "", value = ""]) => [`  ${style("dim", name)}`, value]))}\n`;
      stdout.write(heading);
    },
    show(view) {
      const fresh = news.since(view);
      told.push(...fresh);
      if (stdout.isTTY) draw(view);
      else for (const line of fresh) stdout.write(`${line}\n`);
    },
    ending() {
      if (stdout.isTTY)
        stdout.write("\nNo more events come; those under way are waited for. Ctrl-C: at once.\n");
    },
    closing({ view, lost, waiting, disorder, repeats, unmarked }, failed) {
      for (const host of failed) stdout.write(`\n${lastWords(host, style)}\n`);
      const left = waiting > 0 ? `, ${waiting} wait for a daemon` : "";
      const good = lost + disorder + unmarked + failed.length === 0;
      stdout.write(
        `\n${style(good ? "green" : "red", "●")} Ended: ${view.events} events for ${view.plugins.length} plugins, ` +
          `${lost} lost, ${disorder} out of order, ${repeats} came again (${unmarked} of them unmarked)${left}.\n`,
      );
    },
    brokenOff: () => void stdout.write("\nEnded before it had begun.\n"),
  };
}

type Styler = (format: Parameters<typeof styleText>[0], text: string) => string;

function hostTable(hosts: readonly HostView[], style: Styler): string {
  const rows = hosts.map(({ name, alive, byItself, plugins, reads }, i) => [
    `  ${style("dim", String(i + 1))} ${style(alive ? "cyan" : "red", name)}`,
    alive ? "running" : style("red", byItself ? `ended (${endOf(byItself)})` : "killed"),
    many(plugins, "plugin"),
    [reads ? "reads the site" : "", !alive && (plugins > 0 || reads) ? "until its lease ends" : ""]
      .filter(Boolean)
      .join(", "),
  ]);
  return table(rows);
}

function pluginTable(plugins: readonly PluginView[], style: Styler): string {
  const head = ["  plugin", "host", "delivered", "waiting", "lost", "out of order", "came again"].map(
    (text) => style("dim", text),
  );
  const rows = plugins.map(({ name, host, delivered, waiting, lost, disorder, repeats }) => [
    `  ${name}`,
    host ? style("cyan", host) : style("yellow", "nobody"),
    String(delivered),
    String(waiting),
    lost > 0 ? style("red", String(lost)) : "0",
    disorder > 0 ? style("red", String(disorder)) : "0",
    String(repeats),
  ]);
  return table([head, ...rows]);
}

/** Of a daemon that ended by itself. */
function lastWords({ name, byItself }: HostView, style: Styler): string {
  const said = byItself!.words.trimEnd().split("\n").slice(-LAST_LINES);
  const head = `${style("red", name)} ended by itself (${endOf(byItself!)}); the last that it said:`;
  return [head, ...said.map((line) => `  ${line}`)].join("\n");
}
