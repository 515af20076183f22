/**
 * Every kind of host, for the contract that all of them keep. A test says what the callbacks of its plugin do in words of
 * `DOES`; each kind has them in its own language.
 */
import { withoutPython } from "../../plugins-python/python.ts";
import { FAKE_API, PythonRoom } from "../../plugins-python/room.ts";
import { Room } from "../room.ts";

/** What a callback can do: in TypeScript, and in Python with the indentation of a function's body. */
const DOES = {
  nothing: ["", "pass"],
  "tell the event": ["logger.info('%d', event.id);", "logger.info('%d', event['id'])"],
  print: ["console.log('printed');", "print('printed')"],
  "keep the event": [
    "args.seen.push(event.id); event.mark = 'kept'; logger.info(args.seen.join());",
    "args['seen'].append(event['id']); event['mark'] = 'kept'; logger.info(','.join(map(str, args['seen'])))",
  ],
  "look at what is kept": [
    "logger.info(String(event.mark ?? 'nothing') + args.seen.length);",
    "logger.info(event.get('mark', 'nothing') + str(len(args['seen'])))",
  ],
  "wait for the file go": [
    "logger.info('in'); while (!existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 2)); logger.info('out');",
    "logger.info('in')\n    while not os.path.exists(go): time.sleep(0.002)\n    logger.info('out')",
  ],
  "never end": ["logger.info('in'); for (;;);", "logger.info('in')\n    while True: pass"],
  "take a millisecond": [
    "const from = performance.now(); while (performance.now() - from < 1);",
    "from_ = time.perf_counter()\n    while time.perf_counter() - from_ < 0.001: pass",
  ],
  fail: ["throw new TypeError('no');", "raise TypeError('no')"],
  "fail at 1003": [
    "if (event.id === 1003) throw new TypeError('no');",
    "if event['id'] == 1003: raise TypeError('no')",
  ],
  "fail and count at 1002": [
    "if (event.id === 1002) { args.seen.push(1); throw new TypeError('no ' + args.seen.length); }",
    "if event['id'] == 1002:\n        args['seen'].append(1)\n        raise TypeError('no %d' % len(args['seen']))",
  ],
  "log its key": ["logger.error('the-key-0 is refused');", "logger.error('%s is refused', 'the-key-0')"],
  "end its host": ["process.exit(3);", "os._exit(3)"],
  "hold more and more memory": [
    "const all = []; for (;;) all.push(Array(1e5).fill(1.5));",
    "all = []\n    while True: all.append(bytearray(b'x' * 5_000_000))",
  ],
  "import a helper": [
    "const { word } = await import('./helper.ts'); logger.info(word);",
    "from helper import word; logger.info(word)",
  ],
} as const;

export type Does = keyof typeof DOES;

export interface Options {
  loadTimeoutMs?: number;
  memoryLimitBytes?: number;
}

export interface Kind {
  /** What the tests are called after. */
  name: string;
  /** Whether several plugins are in one process. */
  shares: boolean;
  /** Whether a stop is seen by the very next look, as in shared memory; else when its message has come, an event or more later. */
  stopsAtOnce: boolean;
  /** Of a plugin's file, with its dot. */
  ending: string;
  open(options?: Options): Promise<Room>;
  /** Source of a plugin whose callbacks `cb0`, `cb1`, … do this; `top` runs when it is loaded. */
  plugin(does: readonly Does[], top?: Top): string;
  /** Source of a helper that has `word`. */
  helper(word: string): string;
}

/** What a plugin does while it is loaded. */
const TOP = {
  nothing: ["", ""],
  "say so and never end": ["console.log('loading'); for (;;);", "print('loading')\nwhile True: pass"],
  fail: ["throw new TypeError('no');", "raise TypeError('no')"],
  "end its host": ["process.exit(3);", "os._exit(3)"],
  "be no code at all": ["let = ;", "def f(:"],
  "import a helper": ["import './helper.ts';", "import helper"],
} as const;

export type Top = keyof typeof TOP;

const thread: Kind = {
  name: "a thread",
  shares: false,
  stopsAtOnce: true,
  ending: ".ts",
  open: (options) => Room.open(options),
  plugin: (does, top = "nothing") => `import { existsSync } from "node:fs";
const go = new URL("go", import.meta.url);
${TOP[top][0]}
export function registerCallbacks(reg) {
  ${does.map((_, i) => `reg.registerCallback("script", "the-key-${i}", cb${i}, null, { seen: [] });`).join("\n  ")}
}
${does.map((what, i) => `async function cb${i}(sg, logger, event, args) { ${DOES[what][0]} }`).join("\n")}
`,
  helper: (word) => `export const word: string = ${JSON.stringify(word)};`,
};

const process: Kind = {
  name: "a python process",
  shares: false,
  stopsAtOnce: false,
  ending: ".py",
  open: (options) => PythonRoom.open(options),
  plugin: (does, top = "nothing") => `${FAKE_API}import os, time
go = os.path.join(os.path.dirname(os.path.abspath(__file__)), "go")
${TOP[top][1]}
${does.map((what, i) => `def cb${i}(sg, logger, event, args):\n    ${DOES[what][1]}`).join("\n")}
def registerCallbacks(reg):
    pass
${does.map((_, i) => `    reg.registerCallback("script", "the-key-${i}", cb${i}, None, {"seen": []})\n`).join("")}`,
  helper: (word) => `word = ${JSON.stringify(word)}\n`,
};

/** With a neighbour in the same process, which keeps out of everything. */
const shared: Kind = {
  ...process,
  name: "a python process with other plugins",
  shares: true,
  async open(options) {
    const room = await PythonRoom.open({ ...options, group: "folder" });
    await room.load("neighbour.py", "def registerCallbacks(reg): pass\n");
    return room;
  },
};

/** The same for a lane whose progress is stored elsewhere: it is asked before each step. */
function asking(kind: Kind): Kind {
  return {
    ...kind,
    name: `${kind.name} that asks`,
    async open(options) {
      const room = await kind.open(options);
      room.asks = true;
      return room;
    },
  };
}

const all = withoutPython ? [thread] : [thread, process, shared];
export const kinds: Kind[] = [...all, ...all.map(asking)];
