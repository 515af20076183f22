import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { AbortedError, type Transport } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { AskOnce } from "../../src/client/abort.ts";
import { connect, rejection } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

const reason = new Error("enough");
const silent = { socket: () => {} };

/** A site that never answers, and a promise of its first request. */
async function silentSite() {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const site = await Recorder.open(() => {
    resolve();
    return silent;
  });
  return { site, asked };
}

describe("a signal ends a call at once with SITE_ABORTED", () => {
  test("before it began: nothing is sent", async () => {
    await using site = await Recorder.open(() => ({}));
    await using client = connect(site.url);
    const error = await rejection(client.sg.delete("Shot", 1, { signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ code: "SITE_ABORTED", attempts: 0, uncertain: false, cause: reason });
    expect(site.requests).toHaveLength(0);
  });

  test("while it waits for the reply; the request is given up too", async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const controller = new AbortController();
    await using site = await Recorder.open(() => ({
      socket: (socket) => {
        socket.once("close", resolve);
        controller.abort(reason);
      },
    }));
    await using client = connect(site.url);
    const error = await rejection(client.sg.create("Shot", {}, [], { signal: controller.signal }));
    expect(error).toMatchObject({ code: "SITE_ABORTED", method: "create", attempts: 1, uncertain: true });
    await gone;
  });

  test("while the reply trickles in", async () => {
    const controller = new AbortController();
    await using site = await Recorder.open(() => ({
      socket: (socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{", () => controller.abort(reason));
      },
    }));
    await using client = connect(site.url);
    const error = await rejection(client.sg.find("Shot", [], [], { signal: controller.signal }));
    expect(error).toMatchObject({ code: "SITE_ABORTED", uncertain: false });
  });

  test("while it pauses before another attempt", async () => {
    const controller = new AbortController();
    await using site = await Recorder.open(() => ({ status: 503 }));
    // A pause that ignores the signal, and would last for ever.
    const pause = () => {
      controller.abort(reason);
      return new Promise<void>(() => {});
    };
    await using client = connect(site.url, { pause });
    const error = await rejection(client.sg.delete("Shot", 1, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "SITE_ABORTED", attempts: 1, cause: reason });
    expect(site.requests).toHaveLength(1);
  });

  test("the pause by timer ends with it too, and nothing is left that keeps a process alive", async () => {
    const { promise: turnedAway, resolve } = Promise.withResolvers<void>();
    await using site = await Recorder.open(({ body }) => {
      if ((body.params[1] as { type: string }).type !== "Busy") return {};
      setImmediate(resolve);
      return { status: 503, headers: { "retry-after": "3600" } };
    });
    const script = fileURLToPath(new URL("./fixtures/ends.ts", import.meta.url));
    const child = spawn(process.execPath, [script, site.url], { stdio: ["pipe", "pipe", "inherit"] });
    const output = child.stdout.setEncoding("utf8").toArray();
    await turnedAway;
    child.stdin.write("stop\n");
    expect((await output).join("")).toBe("SITE_ABORTED\n");
    // Its last timer would be an hour's.
    await (child.exitCode === null ? once(child, "exit") : null);
    expect(child.exitCode).toBe(0);
  });

  test("between two pages", async () => {
    const controller = new AbortController();
    await using site = await Recorder.open((_request, index) => {
      if (index === 2) controller.abort(reason);
      return page([{ type: "Shot", id: index }], true);
    });
    await using client = connect(site.url);
    const error = await rejection(client.sg.find("Shot", [], [], { signal: controller.signal }));
    expect(error).toMatchObject({ code: "SITE_ABORTED" });
    expect(site.requests).toHaveLength(3);
  });

  test("even when the transport does not listen", async () => {
    const controller = new AbortController();
    const transport: Transport = {
      send: () => {
        queueMicrotask(() => controller.abort(reason));
        return new Promise(() => {});
      },
      close: async () => {},
    };
    await using client = connect("http://site.example", { transport });
    const error = await rejection(client.sg.info({ signal: controller.signal }));
    expect(error).toMatchObject({ code: "SITE_ABORTED", method: "info" });
  });

  test.each(["findOne", "summarize", "schemaRead", "schemaFieldRead", "batch", "update", "revive"] as const)(
    "%s takes one",
    async (method) => {
      const { site, asked } = await silentSite();
      await using _ = site;
      await using client = connect(site.url);
      const { sg } = client;
      const controller = new AbortController();
      const { signal } = controller;
      const calls = {
        findOne: () => sg.findOne("Shot", [], [], { signal }),
        summarize: () => sg.summarize("Shot", [], [], { signal }),
        schemaRead: () => sg.schemaRead({ signal }),
        schemaFieldRead: () => sg.schemaFieldRead("Shot", undefined, { signal }),
        batch: () => sg.batch([{ request_type: "delete", entity_type: "Shot", entity_id: 1 }], { signal }),
        update: () => sg.update("Shot", 1, { code: "x" }, { signal }),
        revive: () => sg.revive("Shot", 1, { signal }),
      };
      const call = rejection(calls[method]());
      await asked;
      controller.abort(reason);
      expect(await call).toMatchObject({ code: "SITE_ABORTED", method });
    },
  );
});

test("a signal that outlives thousands of calls gathers no listeners", async () => {
  await using site = await Recorder.open(() => ({}));
  await using client = connect(site.url);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  for (let id = 0; id < 50; id++) await client.sg.delete("Shot", id, { signal });
  expect(listeners).toBe(0);
});

describe("what several calls ask for at once is asked once", () => {
  test("the first calls of a connection share one info", async () => {
    await using site = await Recorder.open(() => page([]));
    await using client = connect(site.url);
    await Promise.all([
      client.sg.find("Shot", []),
      client.sg.find("Asset", []),
      client.sg.findOne("Task", []),
    ]);
    await client.sg.find("Shot", []);
    expect(site.infos).toHaveLength(1);
  });

  test("a failed info is asked again", async () => {
    let up = false;
    const reply = () => (up ? { body: { version: [8, 80, 0] } } : { status: 500 });
    await using site = await Recorder.open(({ body }) => (body.method_name === "info" ? reply() : page([])), {
      info: null,
    });
    await using client = connect(site.url);
    expect(await rejection(client.sg.find("Shot", []))).toMatchObject({ status: 500, method: "info" });
    up = true;
    expect(await client.sg.find("Shot", [])).toEqual([]);
  });

  test("one who gives up does not spoil it for the others; the last one withdraws the question", async () => {
    const asked: AbortSignal[] = [];
    const { promise, resolve } = Promise.withResolvers<number>();
    const once = new AskOnce<number>((signal) => {
      asked.push(signal);
      return promise;
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const [first, second] = [once.get(one.signal, () => reason), once.get(two.signal, () => reason)];
    one.abort();
    expect(await rejection(first)).toBe(reason);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.aborted).toBe(false);
    two.abort();
    expect(await rejection(second)).toBe(reason);
    expect(asked[0]?.aborted).toBe(true);

    const third = once.get(undefined, () => reason);
    expect(asked).toHaveLength(2);
    resolve(7);
    expect(await third).toBe(7);
    expect(await once.get(undefined, () => reason)).toBe(7);
    expect(asked).toHaveLength(2);
  });
});
