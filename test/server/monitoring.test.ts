/** What the ready-made dashboard and alert rules ask for is there, in the metrics of a running daemon. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { program } from "../../src/cli/main.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, notes, recorder } from "../daemon/whole.ts";
import { ROOT } from "../house/sources.ts";
import { servedDaemon } from "./rig.ts";

const read = (path: string) => readFileSync(join(ROOT, "docs", path), "utf8");

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; command: string };
}
const rules = (parse(read("prometheus/alerts.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);
const board = JSON.parse(read("grafana/callsheet.json")) as {
  panels: { title: string; targets?: { expr: string }[] }[];
  templating: { list: { definition?: string }[] };
};
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...board.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...board.templating.list.flatMap(({ definition }) => definition ?? []),
];

/** Samples of every metric: its name, and the labels of one of them. */
function samplesIn(text: string): Map<string, Set<string>> {
  const samples = new Map<string, Set<string>>();
  for (const [, name = "", labels = ""] of text.matchAll(/^(callsheet_\w+)(?:\{(.*)\})? [^ ]+$/gm)) {
    const known = samples.get(name) ?? new Set<string>();
    // both `plugin` and `state="failed"`
    for (const [pair, label = ""] of labels.matchAll(/(\w+)="[^"]*"/g)) known.add(label).add(pair);
    samples.set(name, known);
  }
  return samples;
}

test("every metric, label and value that they name is there", async () => {
  const { sandbox, folder, get } = await servedDaemon(
    { "notify.ts": recorder("notify") },
    {
      server: { port: 0, webhookSecret: "a secret of the test" },
      alerts: { slack: ["http://127.0.0.1:9/nobody"] },
    },
  );
  sandbox.site.events.add([CHANGE]);
  await until(() => notes(folder, "notify").length === 1);
  const samples = samplesIn((await get("/metrics")).json);
  expect(expressions.length).toBeGreaterThan(30);
  for (const expression of expressions) {
    const named = [...expression.matchAll(/(callsheet_\w+)(?:\{([^}]*)\})?/g)];
    expect(named.length, expression).toBeGreaterThan(0);
    for (const [, name = "", selectors = ""] of named) {
      const labels = samples.get(name);
      expect(labels, name).toBeDefined();
      for (const [, label = "", operator = "", value = ""] of selectors.matchAll(/(\w+)(=~?)"([^"]*)"/g)) {
        // Prometheus adds this one
        if (label === "instance") continue;
        expect(labels, `${name}: ${label}`).toContain(label);
        if (value.startsWith("$")) continue;
        for (const each of operator === "=~" ? value.split("|") : [value])
          expect(labels, name).toContain(`${label}="${each}"`);
      }
    }
  }
});

test("docs/operations.md says of each rule what it means and what to do; the commands are there", () => {
  const page = read("operations.md");
  const told = [...page.matchAll(/^\| `(Callsheet\w+)` \| \S.+ \| \S.+ \|$/gm)].map(([, name]) => name);
  expect(told).toEqual(rules.map(({ alert }) => alert));
  const names = program().commands.map((command) => command.name());
  for (const { annotations } of rules) expect(names).toContain(annotations.command.split(" ")[1]);
});

test("a panel has a title of its own, and asks for something", () => {
  const panels = board.panels.filter(({ targets }) => targets !== undefined);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  expect(panels.every(({ targets = [] }) => targets.length > 0)).toBe(true);
});
