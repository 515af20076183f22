/** The container's files say what is so. They are not built here: that takes Docker. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import manifest from "../../package.json" with { type: "json" };
import { program } from "../../src/cli/main.ts";
import { HEALTH_ROUTES } from "../../src/server/health.ts";
import { ROOT } from "./sources.ts";

const read = (name: string) => readFileSync(join(ROOT, name), "utf8");
const dockerfile = read("Dockerfile");
/** By instruction; lines that go on are one. */
const steps = dockerfile
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll("\\\n", " ")
  .split("\n")
  .flatMap((line) => {
    const found = /^([A-Z]+) +(.*)$/.exec(line);
    return found ? [{ what: found[1]!, rest: found[2]!.trim() }] : [];
  });
const of = (wanted: string) => steps.filter(({ what }) => what === wanted).map(({ rest }) => rest);

test("the image has the Node.js that the package asks for, and runs as somebody without rights", () => {
  const versions = of("FROM").map((from) => /^node:(\d+)-/.exec(from)?.[1]);
  expect(new Set(versions)).toEqual(new Set([manifest.engines.node.replace(/\D/g, "")]));
  const user = steps.findIndex(({ what }) => what === "USER");
  expect(steps[user]!.rest).toBe("node");
  expect(steps.slice(user).some(({ what }) => what === "RUN")).toBe(false);
});

test("what the image runs and asks is there", () => {
  expect(JSON.parse(of("ENTRYPOINT")[0]!)).toEqual(["tini", "--", Object.keys(manifest.bin)[0]]);
  const names = program().commands.map((command) => command.name());
  expect(names).toContain(JSON.parse(of("CMD").at(-1)!)[0]);
  const [, asked] = /127\.0\.0\.1:7879(\/\w+)/.exec(of("HEALTHCHECK")[0]!)!;
  expect(HEALTH_ROUTES.find(({ path }) => path === asked)).toMatchObject({ open: true });
  // nothing that the build needs is left out of what is sent to it
  const left = read(".dockerignore").trim().split("\n");
  const needed = [
    "src",
    "scripts",
    "bin",
    "templates",
    "examples",
    "docs",
    "dashboard",
    "package-lock.json",
    ".npmrc",
  ];
  expect(needed.filter((name) => left.includes(name) || !existsSync(join(ROOT, name)))).toEqual([]);
});

test("compose keeps the image's state in one volume, and waits for callbacks when it stops", () => {
  const { services, volumes } = parse(read("compose.yaml"));
  const { daemon } = services;
  const mounts: string[] = daemon.volumes;
  const kept = mounts.filter((mount) => !mount.startsWith("./"));
  expect(kept).toEqual([`state:${of("VOLUME")[0]}`]);
  expect(Object.keys(volumes)).toEqual(["state"]);
  expect(mounts.filter((mount) => mount.startsWith("./")).every((mount) => mount.endsWith(":ro"))).toBe(true);
  expect(daemon.ports).toEqual([`127.0.0.1:${of("EXPOSE")[0]}:${of("EXPOSE")[0]}`]);
  expect(Number.parseInt(daemon.stop_grace_period, 10)).toBeGreaterThan(10);
});
