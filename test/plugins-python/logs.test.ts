import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run } from "../plugins/room.ts";
import { withoutPython } from "./python.ts";
import { FAKE_API, PythonRoom, plugin } from "./room.ts";

describe.skipIf(withoutPython)("a Python plugin:", () => {
  let room: PythonRoom;

  beforeEach(async () => {
    room = await PythonRoom.open();
  });

  afterEach(() => room.close());

  test("what the plugin does to Python's logging does not silence its own loggers", async () => {
    const source = `${FAKE_API}import logging, logging.config
logging.basicConfig(force=True)
def on(sg, logger, event, args):
    reg_logger.info("%s %s", reg_logger.config.get("shotgun", "server"), logger.config is reg_logger.config)
    logger.info("in the callback"); logging.getLogger("lib").warning("of a library")
def registerCallbacks(reg):
    logging.config.dictConfig({"version": 1, "root": {"level": "ERROR", "handlers": []}})
    global reg_logger
    reg_logger = reg.logger
    reg.registerCallback("s", "the-key", on)
`;
    const { host, heard } = await room.load("a.py", source);
    host.hand(run(1, 1));
    await heard.untilDone(1);
    const said = heard.lines.map(({ logger, level, message }) => `${logger} ${level} ${message}`);
    expect(said).toEqual(["plugin.a info https://studio.example True", "plugin.a.on info in the callback"]);
  });

  test("a line that a child logs comes with its level and its logger, and what it fails of is said", async () => {
    const body = `if os.fork() == 0:
        logger.warning("one\\ntwo %s", "é"); print("printed")
        raise ValueError("of the child")
    os.write(2, b'\\x1ecallsheet {"lane": 1, "line": {"logger": "engine", "level": "info", "message": "forged"}}\\n')
    os.wait()`;
    const { host, heard } = await room.load("a.py", plugin(body));
    host.hand(run(1, 1));
    await heard.until(({ lines, doneSeq }) => doneSeq === 1 && lines.length >= 4);
    const said = heard.lines.map(({ logger, level, message, eventId }) => [logger, level, message, eventId]);
    const forged = said.findIndex(([, , message]) => String(message).includes("forged"));
    expect(said.splice(forged, 1)).toEqual([
      ["plugin.a", "error", expect.stringContaining("callsheet {"), null],
    ]);
    expect(said.slice(0, 2)).toEqual([
      ["plugin.a.cb0", "warn", "one\ntwo é", 1001],
      ["plugin.a", "info", "printed", 1001],
    ]);
    expect(said[2]).toEqual([
      "plugin.a",
      "error",
      expect.stringMatching(/forked.*[\s\S]*ValueError: of the child/),
      1001,
    ]);
  });

  test("a line that was begun is told of when the process ends, after its exit handlers", async () => {
    const { host, heard } = await room.load(
      "a.py",
      "import atexit\natexit.register(lambda: print('bye', end=''))\ndef registerCallbacks(reg): print('begun, ', end='')\n",
    );
    await host.stop();
    expect(heard.messages).toEqual(["begun, bye"]);
  });

  test("what is logged and printed becomes lines with the plugin's name", async () => {
    const body = `print("a", 1); print("b\\nc", file=sys.stderr); os.system("echo sub"); os.write(2, b"raw\\n")
    logger.debug("%s of %d", "x", 2); logging.getLogger("lib").warning("w"); logger.parent.error("e")
    try: 1 / 0
    except Exception: logger.exception("caught")
    logger.setLevel(logging.CRITICAL); logger.error("no"); logger.critical("yes"); logger.log(5, "no")
    logger.setLevel(logging.DEBUG); logger.info("%d", "bad")`;
    const { host, heard } = await room.load("a.py", `${FAKE_API}${plugin(body)}`);
    host.hand(run(1, 1));
    await heard.untilDone(1);
    await host.stop();
    const said = heard.lines.map(({ logger, level, message }) => `${logger} ${level} ${message}`);
    expect(said).toEqual(
      expect.arrayContaining([
        "plugin.a info a 1",
        "plugin.a error b",
        "plugin.a error c",
        "plugin.a info sub",
        "plugin.a error raw",
        "plugin.a.cb0 debug x of 2",
        "plugin.a warn lib: w",
        "plugin.a error e",
        "plugin.a.cb0 critical yes",
        "plugin.a error --- Logging error ---",
      ]),
    );
    expect(said.find((line) => line.startsWith("plugin.a.cb0 error caught"))).toMatch(
      /Traceback[\s\S]*ZeroDivisionError/,
    );
    expect(said.join("\n")).not.toMatch(/ no$/m);
    expect(heard.lines.find(({ message }) => message === "a 1")!.eventId).toBe(1001);
  });
});
