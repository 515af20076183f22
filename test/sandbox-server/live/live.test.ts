/**
 * The official Python client's live tests, class by class and in their order, over its own wire. A second run finds what
 * the first one left behind; a third logs in as the person wherever the others take the script.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Suite } from "./suite.ts";
import { testFind } from "./test-find.ts";
import {
  testErrors,
  testExportPage,
  testHumanUserSudoAuth,
  testPeople,
  testProjectLastAccessed,
  testScriptUserSudoAuth,
} from "./test-log-ins.ts";
import { testConnection, testReadAdditionalFilterPresets, testShotgunApiLong } from "./test-schema.ts";
import { testShotgunApi } from "./test-shotgun-api.ts";
import { testShotgunApiFiles } from "./test-shotgun-api-files.ts";
import { testActivityStream, testFollow, testTextSearch } from "./test-social.ts";
import { testDataTypes, testUtc } from "./test-utc.ts";

const MAIN = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url));

const CLASSES = [
  testShotgunApi,
  testShotgunApiFiles,
  testDataTypes,
  testUtc,
  testFind,
  testExportPage,
  testFollow,
  testErrors,
  testScriptUserSudoAuth,
  testHumanUserSudoAuth,
  testPeople,
  testProjectLastAccessed,
  testActivityStream,
  testTextSearch,
  testReadAdditionalFilterPresets,
  testShotgunApiLong,
  testConnection,
];

const sandbox: { child?: ChildProcess; suite?: Suite } = {};

beforeAll(async () => {
  const args = [
    "sandbox",
    "--port",
    "0",
    "--json",
    "--script",
    "live:script key",
    "--user",
    "live:person's word",
  ];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  sandbox.child = child;
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  const ready = JSON.parse(line.toString());
  sandbox.suite = {
    url: ready.url,
    script: { name: ready.script_name, key: ready.script_key },
    login: ready.login,
    password: ready.password,
    humanName: "Live Person",
    asHuman: false,
  };
});

afterAll(async () => {
  const { child } = sandbox;
  child!.kill("SIGTERM");
  expect(await once(child!, "exit")).toEqual([0, null]);
});

for (const [run, more] of [
  ["a first run", {}],
  ["a second run", {}],
  ["a run as the person", { asHuman: true }],
  ["a run with a person of its own", { login: "new.person", humanName: "Somebody New" }],
] as [string, Partial<Suite>][])
  describe(run, () => {
    for (const tests of CLASSES) tests(() => ({ ...sandbox.suite!, ...more }));
  });
