import { describe, expect, test } from "vitest";
import { parseConfig } from "../../src/config-file.ts";
import { pythonFor } from "../../src/config-python.ts";

const SITE = { url: "https://s.example.com", scriptName: "s", scriptKey: "k" };
const read = (python: unknown, plugins = ["./a", "/mnt/b"]) =>
  parseConfig({ site: SITE, plugins, python }, "/studio/callsheet.config.ts", {});

const whyNot = (python: unknown) => {
  try {
    read(python);
  } catch (error) {
    return (error as Error).message;
  }
  return "it was taken";
};

describe("how a plugin is run", () => {
  const { python } = read({
    interpreter: "./venv/bin/python",
    path: ["lib"],
    plugins: { "usd.py": { interpreter: "/usd/python", cwd: "/" } },
    folders: {
      "./a/": { group: "folder", umask: "0", plugins: { "usd.py": { path: [] } } },
      "/mnt/b": { interpreter: "python3.9" },
    },
  });
  const of = (fileName: string, folder: string) => pythonFor(python, { fileName, folder });
  const general = { interpreter: "/studio/venv/bin/python", path: ["/studio/lib"], cwd: null };

  test.each([
    ["of its folder", "x.py", "/studio/a", { ...general, group: "folder", umask: 0 }],
    [
      "of another folder",
      "x.py",
      "/mnt/b",
      { ...general, interpreter: "python3.9", group: "plugin", umask: null },
    ],
    ["of all", "x.py", "/elsewhere", { ...general, group: "plugin", umask: null }],
    [
      "of the plugin, in its folder and for all",
      "usd.py",
      "/studio/a",
      { interpreter: "/usd/python", path: [], group: "folder", cwd: "/", umask: 0 },
    ],
    [
      "of the plugin before what is said of its folder",
      "usd.py",
      "/mnt/b",
      { ...general, interpreter: "/usd/python", group: "plugin", cwd: "/", umask: null },
    ],
  ])("is what is said %s", (_, fileName, folder, expected) => {
    expect(of(fileName, folder)).toEqual(expected);
  });

  test("has a default for everything", () => {
    expect(pythonFor(read(undefined).python, { fileName: "a.py", folder: "/studio/a" })).toEqual({
      interpreter: "python3",
      path: [],
      group: "plugin",
      cwd: null,
      umask: null,
    });
  });
});

test.each([
  [{ group: "all" }, 'python.group must be one of "plugin", "folder", not "all".'],
  [{ umask: 22 }, 'python.umask must be octal digits in a text, such as "002", not 22.'],
  [{ umask: "0o22" }, 'python.umask must be octal digits in a text, such as "002", not "0o22".'],
  [{ umask: "9" }, "python.umask must be octal digits"],
  [{ plugins: { "lib/usd.py": {} } }, "must map names of plugin files to settings, such as"],
  [{ plugins: { "usd.ts": {} } }, "must map names of plugin files to settings, such as"],
  [{ plugins: { "usd.py": { interpretr: "x" } } }, "Did you mean python.plugins.usd.py.interpreter?"],
  [
    { plugins: { "usd.py": { interpreter: "" } } },
    "python.plugins.usd.py.interpreter must be a Python such as",
  ],
  [{ folders: [] }, "python.folders must map paths of plugin folders to settings"],
  [{ folders: { "./c": {} } }, "python.folders names /studio/c, which is not among plugins."],
  [{ folders: { "./a": { plugin: {} } } }, "Did you mean python.folders../a.plugins?"],
])("%j is refused with a sentence", (python, sentence) => {
  expect(whyNot(python)).toContain(sentence);
});
