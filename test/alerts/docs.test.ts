import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonOf } from "../../src/alerts/json.ts";
import { KINDS } from "../../src/alerts/kinds.ts";
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

test("the JSON that it shows has the keys that are sent", () => {
  const shown = JSON.parse(/^```json\n([\s\S]*?)^```$/m.exec(page)![1]!) as { alerts: object[] };
  const sent = JSON.parse(JSON.stringify(jsonOf(aView()))) as { alerts: object[] };
  expect(Object.keys(sent)).toEqual(Object.keys(shown));
  expect(Object.keys(sent.alerts[0]!)).toEqual(Object.keys(shown.alerts[0]!));
});
