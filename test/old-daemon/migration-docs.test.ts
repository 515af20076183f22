import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseConfig } from "../../src/config-file.ts";
import { OPTIONS } from "../../src/old-daemon/conf.ts";
import { readConfSource } from "../../src/old-daemon/conf-source.ts";
import { ROOT } from "../house/sources.ts";
import { confText } from "./confs.ts";

const page = readFileSync(join(ROOT, "docs/migration.md"), "utf8");
const FILE = "/etc/shotgunEventDaemon.conf";

test("the section that the page shows is taken", () => {
  const block = /^```\n(\[callsheet\]\n[\s\S]*?)^```$/m.exec(page)![1]!;
  const source = readConfSource(`${confText()}\n${block}`, FILE, {});
  expect(parseConfig(source.input, FILE, {}, source)).toMatchObject({
    state: "/var/lib/callsheet",
    python: { interpreter: "/studio/venv/bin/python", path: ["/studio/python"] },
    memoryLimit: 2e9,
  });
});

test("the page says of every option what becomes of it", () => {
  const table = page.split("| option | here |")[1]!.split("\n\n")[0]!;
  const named = Object.values(OPTIONS).filter(({ section }) => section !== "emails");
  expect(named.filter(({ name }) => !table.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
  expect(table).toContain("`[emails]`");
});
