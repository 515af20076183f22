/** What the demo of a cluster shows of how things stand. */
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { News } from "../../scripts/demo-cluster/news.ts";
import { type PluginView, type View, verdictOf } from "../../scripts/demo-cluster/scene.ts";
import { openScreen } from "../../scripts/demo-cluster/screen.ts";

function view(seconds: number, alive: string[], owners: Record<string, string | null>): View {
  const plugins = Object.entries(owners).map(([name, host]) => plugin(name, host));
  const hosts = ["ada", "bob"].map((name) => ({
    ...{ name, alive: alive.includes(name), byItself: null, reads: name === "bob" },
    plugins: plugins.filter(({ host }) => host === name).length,
  }));
  return { seconds, events: 10, hosts, plugins };
}

function plugin(name: string, host: string | null, more: Partial<PluginView> = {}): PluginView {
  const counts = { delivered: 9, waiting: 1, lost: 0, disorder: 0, repeats: 0, repeatsUnmarked: 0 };
  return { name, host, ...counts, ...more };
}

test("plugins that go the same way share a line, and how long the take-over took is told", () => {
  const news = new News();
  const all = ["ada", "bob"];
  expect(news.since(view(1, all, { shots: "ada", notes: "ada", cuts: "bob" }))).toEqual([]);
  expect(news.since(view(2, ["bob"], { shots: "ada", notes: "ada", cuts: "bob" }))).toEqual([
    "   2.0 s  ada is killed with -9; it had 2 plugins",
  ]);
  expect(news.since(view(5, ["bob"], { shots: "bob", notes: null, cuts: "bob" }))).toEqual([
    "   5.0 s  ada → bob: shots",
    "   5.0 s  ada → nobody: notes",
  ]);
  expect(news.since(view(5.5, ["bob"], { shots: "bob", notes: "bob", cuts: "bob" }))).toEqual([
    "   5.5 s  nobody → bob: notes",
    "   5.5 s  all that ada had runs elsewhere, 3.5 s after",
  ]);
  expect(news.since(view(6, all, { shots: "bob", notes: "bob", cuts: "bob" }))).toEqual([
    "   6.0 s  ada is started again",
  ]);
});

test("one that ended by itself was not killed, and its last words are told", () => {
  const news = new News();
  news.since(view(1, ["ada", "bob"], { shots: "ada" }));
  const now = view(2, ["bob"], { shots: "ada" });
  now.hosts[0]!.byItself = { code: 78, signal: null, words: "one\ntwo\n" };
  expect(news.since(now)).toEqual(["   2.0 s  ada has ended by itself (status 78); it had 1 plugin"]);
  const { screen, text } = onPaper({ columns: 80, rows: 24 });
  screen.show(now);
  expect(text()).toMatch(/ada.*ended \(status 78\)/);
  screen.closing(verdictOf(now, false), [now.hosts[0]!]);
  expect(text()).toContain("ended by itself (status 78); the last that it said:\n  one\n  two\n");
});

test("what nobody is there to run waits; what came too late for all daemons is lost", () => {
  const now = {
    ...view(9, ["ada"], {}),
    plugins: [plugin("shots", "ada", { waiting: 3, lost: 1, disorder: 2 })],
  };
  expect(verdictOf(now, false)).toMatchObject({ lost: 1, waiting: 2, disorder: 2 });
  expect(verdictOf(now, true)).toMatchObject({ lost: 3, waiting: 0 });
});

test("on a small terminal it draws no more lines than there are, and none that wraps", () => {
  const { screen, terminal, text, forget } = onPaper({ columns: 30, rows: 6 });
  const now = view(1, ["ada", "bob"], { shots: "ada", notes: "bob", cuts: "bob" });
  screen.show(now);
  screen.show(now);
  const [first, second] = text().split("\x1b[?7l").slice(1);
  expect(first!.match(/\n/g)).toHaveLength(5);
  expect(second).toContain("\x1b[5A");
  forget();
  terminal.emit("resize");
  screen.show(now);
  expect(text().startsWith("\x1b[2J\x1b[H")).toBe(true);
  expect(text()).not.toContain("\x1b[5A");
});

/** A terminal that keeps what is written. */
function onPaper(size: { columns: number; rows: number }) {
  let text = "";
  const write = (chunk: Buffer, _: unknown, done: () => void) => {
    text += chunk.toString();
    done();
  };
  const terminal = Object.assign(new Writable({ write }), { isTTY: true, ...size });
  const forget = () => {
    text = "";
  };
  const screen = openScreen(terminal as unknown as NodeJS.WriteStream);
  return { screen, terminal, text: () => text, forget };
}
