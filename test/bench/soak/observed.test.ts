import { expect, test } from "vitest";
import { Observed } from "../../../bench/soak/observed.ts";

function observed(lines: object[], asked: string[] = []): Observed {
  const all = new Observed((plugin) => asked.includes(plugin));
  for (const line of lines) all.line(JSON.stringify(line));
  return all;
}

const changed = { level: "info", message: "soak3.ts changed; reloading soak3", plugin: "soak3" };
const reloaded = { level: "info", message: "reloaded soak3 (1 callback, sha 12, 3 ms)", plugin: "soak3" };
const threw = {
  level: "error",
  message: "on_event failed",
  plugin: "soak3",
  kind: "failure",
  code: "CALLBACK_FAILED",
};
const died = { ...threw, code: "HOST_EXITED" };

test("a changed file counts once it is loaded", () => {
  expect(observed([changed]).of("soak3").reloads).toBe(0);
  expect(observed([changed, reloaded]).of("soak3")).toMatchObject({ reloads: 1, exits: 0 });
});

test("a plugin that broke is stopped until it is loaded again", () => {
  expect(observed([threw], ["soak3"]).of("soak3")).toMatchObject({ breaks: 1, stopped: true });
  expect(observed([threw, changed, reloaded], ["soak3"]).of("soak3")).toMatchObject({
    reloads: 1,
    stopped: false,
  });
});

test("a host that died says so, or is followed by another", () => {
  expect(observed([died], ["soak3"]).of("soak3")).toMatchObject({ exits: 1, stopped: true });
  expect(observed([reloaded], ["soak3"]).of("soak3")).toMatchObject({ exits: 1, reloads: 0, stopped: false });
});

test("what goes wrong with a plugin to which nothing was done is kept", () => {
  expect(observed([threw]).unasked).toEqual(["on_event failed"]);
  expect(observed([threw], ["soak3"]).unasked).toEqual([]);
  expect(observed([reloaded]).unasked).toEqual(["soak3 was loaded again though nothing had changed"]);
  expect(observed([{ level: "error", message: "the site does not answer" }]).unasked).toEqual([]);
});

test("lines that are not the log's are passed over", () => {
  const all = new Observed(() => false);
  all.line("(node:1) Warning: something");
  all.line("");
  expect(all.sum("exits")).toBe(0);
});
