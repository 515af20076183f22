/** What every kind of host keeps to when a plugin ends its host, grows or hangs, and when it does not load. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../../src/plugins/strip.ts";
import { Heard, type Room, run } from "../room.ts";
import { kinds } from "./kinds.ts";

describe.each(kinds)("in $name", (kind) => {
  let room: Room;
  const file = `a${kind.ending}`;

  beforeEach(async () => {
    room = await kind.open({ memoryLimitBytes: 150e6 });
  });

  afterEach(() => room.close());

  test("an end of its own is told once, with the event in hand", async () => {
    const { host, heard } = await room.load(file, kind.plugin(["tell the event", "end its host"]));
    host.hand(run(5, 2, { callbacks: [0, 1] }));
    const exit = await heard.untilExited();
    expect(exit).toMatchObject({ code: "HOST_EXITED", excuse: null, inHand: { seq: 5, callback: 1 } });
    expect(heard.messages).toEqual(["1005"]);
    expect(room.slot).toMatchObject({ seq: 5, finishedCallbacks: 1, begun: true });
    await host.stop();
    await host.kill();
    expect(heard.exits).toHaveLength(1);
  });

  test.skipIf(kind.shares)(
    "plugins do not notice when another hangs, is killed or ends its host",
    async () => {
      const { host: hanging, heard } = await room.load(file, kind.plugin(["never end"]));
      const { host: ending, heard: ended } = await room.load(
        `b${kind.ending}`,
        kind.plugin(["end its host"]),
      );
      const { host: fine, heard: told } = await room.load(`c${kind.ending}`, kind.plugin(["tell the event"]));
      hanging.hand(run(1, 1));
      await heard.until(({ messages }) => messages.includes("in"));
      ending.hand(run(1, 1));
      await ended.untilExited();
      await hanging.kill();
      fine.hand(run(1, 3));
      await told.untilDone(3);
      expect([heard.exits, told.exits]).toEqual([[], []]);
    },
  );

  test("memory beyond the limit ends the plugin, and says so", async () => {
    const { host, heard } = await room.load(file, kind.plugin(["hold more and more memory"]));
    host.hand(run(1, 1));
    const exit = await heard.untilExited();
    expect(exit).toMatchObject({ code: "HOST_OUT_OF_MEMORY", inHand: { seq: 1, callback: 0 } });
  });

  test("a callback that never ends is ended by kill", async () => {
    const { host, heard } = await room.load(file, kind.plugin(["never end"]));
    host.hand(run(1, 1));
    await heard.until(({ messages }) => messages.includes("in"));
    await host.kill();
    expect(heard.exits).toEqual([]);
    expect(room.slot).toMatchObject({ seq: 1, begun: true });
  });

  test("a failure shows lines of the plugin's file around it, without its keys", async () => {
    const source = kind.plugin(["fail"]);
    const { host, heard } = await room.load(file, source);
    host.hand(run(1, 1));
    await heard.until(({ failures }) => failures.length > 0);
    const { line, first, lines, ...known } = heard.failures[0]!.error.source!;
    expect(known).toEqual({ path: join(room.folder, file), sha256: sha256(source) });
    expect(lines[line - first]).toContain("TypeError('no')");
    const shown = source.split("\n").slice(first - 1, line + 3);
    expect(shown.join()).toContain("the-key-0");
    const unmasked = lines.map((text) => text.replace(/\*{3}|\[hidden\]/, "the-key-0"));
    expect(unmasked).toEqual(shown);
    expect(lines.join()).not.toContain("the-key-0");
  });

  test("what a plugin logs does not hold its keys", async () => {
    const { host, heard } = await room.load(file, kind.plugin(["log its key"]));
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual([expect.stringMatching(/^(\*{3}|\[hidden\]) is refused$/)]);
  });

  test("every module that was read is known, with what it held, and a late one too", async () => {
    const helper = await room.write(`helper${kind.ending}`, kind.helper("hello"));
    const source = kind.plugin(["import a helper"]);
    const { host, heard } = await room.load(file, source);
    expect(host.modules).toEqual([{ path: join(room.folder, file), sha256: sha256(source) }]);
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual(["hello"]);
    expect(host.modules).toContainEqual({ path: helper, sha256: sha256(kind.helper("hello")) });
  });

  test("a new host of the same plugin reads its helpers anew", async () => {
    for (const word of ["old", "new"]) {
      await room.write(`helper${kind.ending}`, kind.helper(word));
      const { host, heard } = await room.load(file, kind.plugin(["import a helper"], "import a helper"));
      host.hand(run(1, 1));
      await heard.untilDone(1);
      expect(heard.messages).toEqual([word]);
      await host.stop();
    }
  });

  test.each([
    ["fail", "PLUGIN_LOAD", /failed while it was loaded: TypeError: no/],
    ["end its host", "PLUGIN_LOAD", /ended its host while it was loaded/],
    ["be no code at all", "PLUGIN_SYNTAX", /a\.(ts|py):\d+/],
  ] as const)("a file whose top level is to %s is refused, and named", async (top, code, sentence) => {
    const error = await room.loadError(file, kind.plugin(["nothing"], top));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain(join(room.folder, file));
    expect(error.modules.map(({ path }) => path)).toContain(join(room.folder, file));
  });

  test("a file without registerCallbacks is told apart", async () => {
    const error = await room.loadError(file, kind.helper("alone"));
    expect(error.code).toBe("PLUGIN_NO_REGISTER");
  });

  test("a helper that is missing is watched for", async () => {
    const error = await room.loadError(file, kind.plugin(["nothing"], "import a helper"));
    expect(error.code).toBe("PLUGIN_LOAD");
    expect(error.modules).toContainEqual({
      path: join(room.folder, `helper${kind.ending}`),
      sha256: "absent",
    });
  });

  test("a load that hangs is ended", async () => {
    const impatient = await kind.open({ loadTimeoutMs: 1500 });
    const error = await impatient.loadError(file, kind.plugin(["nothing"], "say so and never end"));
    expect(error.code).toBe("PLUGIN_LOAD_TIMEOUT");
    expect(error.message).toBe(`${join(impatient.folder, file)} did not finish loading within 1.5 s.`);
    await impatient.close();
  });

  test("a load that is no longer wanted ends at once", async () => {
    const path = await room.write(file, kind.plugin(["nothing"], "say so and never end"));
    const abort = new AbortController();
    const heard = new Heard();
    const loading = room.start(path, heard, abort.signal);
    await heard.until(({ messages }) => messages.includes("loading"));
    abort.abort();
    await expect(loading).rejects.toThrow("is no longer wanted");
    await expect(room.start(path, heard, AbortSignal.abort())).rejects.toThrow("is no longer wanted");
  });

  test("closing ends every host that is left, and its listener hears nothing of it", async () => {
    const own = await kind.open();
    const { heard: first } = await own.load(file, kind.plugin(["nothing"]));
    const { host, heard: second } = await own.load(`b${kind.ending}`, kind.plugin(["never end"]));
    host.hand(run(1, 1));
    await second.until(({ messages }) => messages.includes("in"));
    await own.close();
    await host.stop();
    expect([...first.exits, ...second.exits]).toEqual([]);
  });
});
