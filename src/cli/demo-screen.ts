/** What the demo prints besides log lines. */
import { relative } from "node:path";
import { styleText } from "node:util";
import { describeCallback } from "../daemon/describe-callback.ts";
import type { LaneStatus } from "../daemon/lane-status.ts";
import type { DaemonStatus } from "../daemon/status.ts";
import type { Terminal } from "../log/outlets.ts";
import type { Sandbox } from "../sandbox/open.ts";
import { table } from "./table.ts";

export interface DemoScreen {
  opening(sandbox: Sandbox, artists: number, plugins: string): void;
  /** @param page address of the daemon's page; null when it has none */
  plugins(lanes: readonly LaneStatus[], page: string | null): void;
  summary(status: DaemonStatus): void;
  closing(status: DaemonStatus): void;
}

type Style = Parameters<typeof styleText>[0];

export function demoScreen(stdout: Terminal): DemoScreen {
  const style = (format: Style, text: string) => styleText(format, text, { stream: stdout });
  const dim = (text: string) => style("dim", text);
  const print = (text: string) => stdout.write(text);
  return {
    opening(sandbox, artists, plugins) {
      print(`\n${style("green", "●")} ${style("bold", "Callsheet demo")}\n\n`);
      const rows = [
        [
          "site",
          `${style("cyan", sandbox.url)}  ${dim("a sandbox in this process, with a small studio in it")}`,
        ],
        ["script", `${sandbox.scriptName}  ${dim("key")} ${sandbox.scriptKey}`],
        ["artists", `${artists}${artists > 0 ? dim(", at work as soon as the plugins are loaded") : ""}`],
        [
          "plugins",
          `${nearby(plugins)}  ${dim("edit one and save it: the next event goes to the new code")}`,
        ],
        ["end", "Ctrl-C"],
      ];
      print(`${table(rows.map(([name = "", value = ""]) => [`  ${dim(name)}`, value]))}\n`);
    },
    plugins(lanes, page) {
      const rows = lanes.map(({ name, callbacks, loadError }) => [
        `  ${style(loadError ? "red" : "cyan", name)}`,
        loadError ? loadError.message : callbacks.map(describeCallback).join("; "),
      ]);
      if (page !== null)
        rows.push([`  ${dim("page")}`, `${style("cyan", page)}  ${dim("the same in a browser")}`]);
      print(`\n${table(rows)}\n`);
    },
    summary: (status) => void print(`${style("magenta", `── ${totals(status)} ──`)}\n`),
    closing: (status) => void print(`\n${style("green", "●")} Ended: ${totals(status)}.\n`),
  };
}

function totals({ reader, plugins }: DaemonStatus): string {
  const delivered = plugins.reduce((sum, lane) => sum + lane.calls, 0);
  const lag = Math.max(0, ...plugins.map((lane) => lane.backlog));
  const stopped = plugins.filter(({ activity }) => activity === "failed" || activity === "unloadable");
  const trouble = stopped.length > 0 ? `, stopped: ${stopped.map(({ name }) => name).join(", ")}` : "";
  return `${reader.events} events read, ${delivered} delivered, lag ${lag} ${lag === 1 ? "event" : "events"}${trouble}`;
}

function nearby(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : `./${short}`;
}
