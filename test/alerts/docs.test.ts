import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf } from "../../src/alerts/json.ts";
import { KINDS, type KindWords } from "../../src/alerts/kinds.ts";
import { program } from "../../src/cli/main.ts";
import { aView } from "./views.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/alerts.md"), "utf8");
const sections = page.split(/^### /m).slice(1);

test("docs/alerts.md has the kinds of alerts, in order, each with meaning and cure", () => {
  expect(sections.map((section) => section.split("\n")[0]!.replaceAll("`", ""))).toEqual(Object.keys(KINDS));
  for (const section of sections) {
    expect(section).toMatch(/^\* Means: \S.+/m);
    expect(section).toMatch(/^\* Cure: \S.+/m);
  }
});

test("docs/operations.md has a line for each kind, with a command that is there", () => {
  const operations = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
  const rows = [...operations.matchAll(/^\| \[`(\w+)`\]\(alerts\.md#(\w+)\) \| `callsheet (\w+)/gm)];
  expect(rows.map(([, kind]) => kind)).toEqual(Object.keys(KINDS));
  const names = program().commands.map((command) => command.name());
  for (const [, kind, anchor, name] of rows) {
    expect(anchor).toBe(kind);
    expect(names).toContain(name);
  }
});

test("the JSON that it shows has the keys that are sent", () => {
  const shown = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)![1]!) as { alerts: object[] };
  const sent = JSON.parse(JSON.stringify(jsonOf(aView()))) as { alerts: object[] };
  expect(Object.keys(sent)).toEqual(Object.keys(shown));
  expect(Object.keys(sent.alerts[0]!)).toEqual(Object.keys(shown.alerts[0]!));
});

test("the commands that alerts name are there", () => {
  const about = { plugin: "notify", facts: { message: "m", eventId: 4711 } };
  const lines = Object.values<KindWords>(KINDS).flatMap((words) => words.commands(about));
  for (const line of new Set(lines)) {
    const [, name, ...rest] = line.split(" ");
    const command = program().commands.find((known) => known.name() === name);
    expect(command, line).toBeDefined();
    for (const flag of rest.filter((word) => word.startsWith("-")))
      expect(
        command!.options.flatMap(({ short, long }) => [short, long]),
        line,
      ).toContain(flag);
  }
});
