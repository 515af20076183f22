/** Hosts without a slot: each step is told, and nothing is called before the one before it is stored. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HostStart } from "../../../src/daemon/host.ts";
import { machineMs } from "../../../src/machine-clock.ts";
import { Heard, type Room, run } from "../room.ts";
import { kinds } from "./kinds.ts";

describe.each(kinds.filter(({ name }) => !name.endsWith("asks")))("in $name", (kind) => {
  let room: Room;

  beforeEach(async () => {
    room = await kind.open();
  });

  afterEach(() => room.close());

  const start = async (does: Parameters<typeof kind.plugin>[0], step: NonNullable<HostStart["step"]>) => {
    const heard = new Heard();
    const path = await room.write(`a${kind.ending}`, kind.plugin(does));
    const plugin = {
      path,
      name: "a",
      language: kind.ending === ".py" ? "python" : "typescript",
      folder: 0,
    } as const;
    const signal = new AbortController().signal;
    const host = await room.hosts.start({ plugin, slot: null, step, listener: heard, signal });
    return { host, heard };
  };

  test("each step is told in its order, and the call after it waits until it is stored", async () => {
    const told: string[] = [];
    const { host, heard } = await start(["tell the event", "tell the event"], async (step) => {
      const { seq, begun, finishedCallbacks } = step;
      told.push(`${begun ? "begun" : "done"} ${seq} ${finishedCallbacks}, ${heard.messages.length} called`);
      // what runs on its own would have called by now
      for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
      return null;
    });
    host.hand(run(1, 2, { callbacks: [0, 1] }));
    await heard.untilDone(2);
    // a pause after an event, which a busy machine brings about, is told too
    const again = (step: string, at: number) => step.startsWith("done 2") && told[at - 1] === step;
    expect(told.filter((step, at) => !step.startsWith("done 1") && !again(step, at))).toEqual([
      "begun 1 0, 0 called",
      "begun 1 1, 1 called",
      "begun 2 0, 2 called",
      "begun 2 1, 3 called",
      "done 2 0, 4 called",
    ]);
  });

  test("an answer whose time has passed counts for no call: the step is told again", async () => {
    let asked = 0;
    const { host, heard } = await start(["tell the event"], async ({ seq, begun }) => {
      if (seq !== 2 || !begun) return null;
      asked += 1;
      if (asked === 3) throw new Error("there is a newer owner");
      return machineMs() - 1;
    });
    host.hand(run(1, 2));
    await heard.untilExited();
    expect(asked).toBe(3);
    expect(heard.messages).toEqual(["1001"]);
  });

  test("a callback that is to be called again waits until its step is stored once more", async () => {
    let asked = 0;
    const { host, heard } = await start(["nothing", "fail"], async ({ begun, finishedCallbacks }) => {
      if (begun && finishedCallbacks === 1) asked += 1;
      if (asked === 3) throw new Error("there is a newer owner");
      return machineMs() + 60_000;
    });
    heard.judge = ({ seq }) => (seq === 1 && heard.failures.length < 5 ? "retry" : "stop");
    host.hand(run(1, 1, { callbacks: [0, 1] }));
    await heard.until(({ exits, failures }) => exits.length > 0 || failures.length === 5);
    expect(heard.failures).toHaveLength(2);
  });

  test("a host whose step is refused calls nothing more, and is ended", async () => {
    const { host, heard } = await start(["tell the event"], async ({ seq }) => {
      if (seq === 3) throw new Error("there is a newer owner");
      return machineMs() + 60_000;
    });
    host.hand(run(1, 5));
    const { message, inHand } = await heard.untilExited();
    expect(message).toBe("its progress could not be stored: there is a newer owner");
    expect(inHand).toBeNull();
    expect(heard.messages).toEqual(["1001", "1002"]);
  });
});
