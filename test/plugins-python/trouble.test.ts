import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { PythonRoom, plugin } from "./room.ts";

describe.skipIf(withoutPython)("trouble in a Python plugin is its own:", () => {
  let room: PythonRoom;

  beforeEach(async () => {
    room = await PythonRoom.open({ memoryLimitBytes: 200e6 });
  });

  afterEach(() => room.close());

  test.each([
    ["os._exit", "os._exit(3)", "HOST_EXITED", "its process ended with exit code 3"],
    [
      "a segmentation fault",
      "import ctypes; ctypes.string_at(0)",
      "HOST_EXITED",
      "SIGSEGV (a segmentation fault",
    ],
    ["a kill", "os.kill(os.getpid(), 9)", "HOST_EXITED", "was ended by SIGKILL"],
    [
      "memory growth",
      "hold = []\n    while True: hold.append(bytearray(b'x' * 10_000_000))",
      "HOST_OUT_OF_MEMORY",
      "its limit is 200 MB",
    ],
  ])("%s", async (_, body, code, message) => {
    const { host, heard } = await room.load("a.py", plugin(body));
    host.hand(run(5, 2));
    const exit = await heard.untilExited();
    expect(exit).toMatchObject({ code, inHand: { seq: 5, callback: 0 } });
    expect(exit.message).toContain(message);
    expect(room.slot).toMatchObject({ seq: 5, begun: true });
    await host.kill();
  });

  test("a crash of C code shows where it was, in the log", async () => {
    const { host, heard } = await room.load("a.py", plugin("import ctypes; ctypes.string_at(0)"));
    host.hand(run(1, 1));
    await heard.untilExited();
    expect(heard.messages.join("\n")).toMatch(/Segmentation fault[\s\S]*a\.py", line \d+ in cb0/);
  });

  test("closing every file descriptor is its own end, and harms no file that it opens then", async () => {
    const body = `os.closerange(3, 1024)
    files = [open(name, "w") for name in (${JSON.stringify(join(room.folder, "x"))}, ${JSON.stringify(join(room.folder, "y"))})]
    for file in files: file.write("its own"); file.flush()`;
    const { host, heard } = await room.load("a.py", plugin(body));
    host.hand(run(1, 2));
    const exit = await heard.untilExited();
    expect(exit).toMatchObject({ code: "HOST_EXITED" });
    expect(exit.message).toContain("it closed a file descriptor that is not its own");
    expect(await readFile(join(room.folder, "x"), "utf8")).toBe("its own");
    expect(await readFile(join(room.folder, "y"), "utf8")).toBe("its own");
  });

  test.each([
    ["no length", "b'\\xff' * 64"],
    ["no JSON", "b'\\x05\\0\\0\\0\\0\\0\\0\\0hello'"],
    ["no message", "b'\\x01\\0\\0\\0\\0\\0\\0\\x007'"],
  ])("writing to the guest's file descriptors is its own end: %s", async (_, bytes) => {
    const body = `for fd in range(3, 300):
        try: os.write(fd, ${bytes})
        except OSError: pass
    time.sleep(600)`;
    const { host, heard } = await room.load("a.py", plugin(body));
    host.hand(run(1, 1));
    const exit = await heard.untilExited();
    expect(exit).toMatchObject({ code: "HOST_EXITED", inHand: { seq: 1, callback: 0 } });
    expect(exit.message).toContain("it wrote to a file descriptor that is not its own");
  });

  test("a signal handler that raises in the middle of a large message leaves the line whole", async () => {
    const body = `import signal
    class Late(Exception): pass
    def late(*_): raise Late()
    signal.signal(signal.SIGALRM, late)
    for _ in range(100):
        # Python drops an error that is raised where none may be, such as in a destructor: there comes no second
        end = time.monotonic() + 0.1
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.002)
            while time.monotonic() < end: logger.info("x" * 90000)
        except Late: pass
    logger.info("fine")`;
    const { host, heard } = await room.load("a.py", plugin(body));
    host.hand(run(1, 1));
    await heard.untilDone(1);
    // of an error that is raised while it makes the text of a line, Python's logging tells by itself, with the message
    const lines = heard.messages.filter((line) => line.includes("xxx") && !line.startsWith("Message: "));
    expect(lines.filter((line) => !/^x{90000}$/.test(line))).toEqual([]);
    expect(heard.messages).toContain("fine");
  });

  test("a thread that never ends does not keep a stop from ending", async () => {
    const start = "import threading; threading.Thread(target=lambda: time.sleep(600)).start()";
    const { host, heard } = await room.load("a.py", plugin(start));
    host.hand(run(1, 1));
    await heard.untilDone(1);
    await host.stop();
    expect(heard.exits).toEqual([]);
  });

  test("an error in a thread of its own is a line in the log", async () => {
    const start =
      "import threading; thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()";
    const { host, heard } = await room.load("a.py", plugin(start));
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toContain("ZeroDivisionError: division by zero");
  });

  test.each([
    ["when the host is killed", (host: { kill(): Promise<void> }) => host.kill()],
    ["when the host is stopped", (host: { stop(): Promise<void> }) => host.stop()],
  ])("a child process that it left behind ends %s", async (_, end) => {
    const start = `import subprocess; child = subprocess.Popen(["sleep", "600"]); logger.info(child.pid)`;
    const { host, heard } = await room.load("a.py", plugin(start));
    host.hand(run(1, 1));
    await heard.untilDone(1);
    await end(host as never);
    await untilGone(Number(heard.messages[0]));
  });

  test("a child process that it left behind ends with a process that ends itself", async () => {
    const start = `import subprocess; child = subprocess.Popen(["sleep", "600"]); logger.info(child.pid); sys.stdout.flush(); os._exit(3)`;
    const { host, heard } = await room.load("a.py", `import sys\n${plugin(start)}`);
    host.hand(run(1, 1));
    await heard.untilExited();
    await untilGone(Number(heard.messages[0]));
  });

  test("a child that was forked and forgotten does not go on with the events", async () => {
    const { host, heard } = await room.load("a.py", plugin("os.fork(); logger.info('%d', event['id'])"));
    host.hand(run(1, 3));
    await heard.until(({ doneSeq, lines }) => doneSeq === 3 && lines.length >= 6);
    await host.stop();
    // the plugin, and a child of it that ended with the event in which it was forked
    expect(heard.messages.sort()).toEqual(["1001", "1001", "1002", "1002", "1003", "1003"]);
  });

  test("the traceback is Python's own, with the plugin's frames and variables, and no secret", async () => {
    const body = `password, item, shown = "hunter2", {"n": 1}, "it is the-key-0"
    return inner(item)
def inner(thing):
    return thing["missing"]`;
    const { host, heard } = await room.load("a.py", plugin(body));
    host.hand(run(1, 1));
    await heard.until(({ failures }) => failures.length > 0);
    const { name, message, stack } = heard.failures[0]!.error;
    expect([name, message]).toEqual(["KeyError", "'missing'"]);
    expect(stack).toMatch(/^Traceback \(most recent call last\):\n {2}File ".*a\.py", line \d+, in cb0\n/);
    expect(stack).toContain(`return thing["missing"]`);
    expect(stack).toContain("Variables of inner");
    expect(stack).toContain("thing = {'n': 1}");
    expect(stack).not.toContain("callsheet_guest");
    expect(stack).not.toMatch(/hunter2|the-key-0/);
  });

  test("a callback with the wrong number of arguments fails like any other", async () => {
    const { host, heard } = await room.load(
      "a.py",
      `${plugin("pass").split("def cb0")[0]}def cb0(sg):\n    pass\ndef registerCallbacks(reg):\n    reg.registerCallback("s", "the-key", cb0)\n`,
    );
    host.hand(run(1, 1));
    await heard.until(({ failures }) => failures.length > 0);
    expect(heard.failures[0]!.error).toMatchObject({
      name: "TypeError",
      message: "cb0() takes 1 positional argument but 4 were given",
    });
    await host.kill();
  });

  test("a process whose daemon is gone ends at once, whatever it is doing", async () => {
    const path = await room.write("a.py", plugin("logger.info(os.getpid()); time.sleep(600)"));
    const daemon = spawn(
      process.execPath,
      [join(import.meta.dirname, "fixtures/daemon.ts"), path, room.slotFile],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const pid = Number(await new Promise((resolve) => daemon.stdout.once("data", resolve)));
    daemon.kill("SIGKILL");
    await untilGone(pid);
  });
});

async function untilGone(pid: number): Promise<void> {
  expect(pid).toBeGreaterThan(1);
  while (await isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
}

async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // one that nobody has collected yet
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return !/\) Z /.test(status);
}
