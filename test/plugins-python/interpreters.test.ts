/** Which Python runs a plugin, and what is said of one that cannot. */
import { execFileSync } from "node:child_process";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Heard, run } from "../plugins/room.ts";
import { python, withoutPython } from "./python.ts";
import { oldPythons, pythons } from "./pythons.ts";
import { PythonRoom, plugin } from "./room.ts";

let room: PythonRoom;

beforeEach(async () => {
  room = await PythonRoom.open();
});

afterEach(() => room.close());

async function refusal(interpreter: string, options: { cwd?: string } = {}) {
  const other = await PythonRoom.open({ interpreter, ...options });
  try {
    return (await other.loadError("a.py", "")).describe();
  } finally {
    await other.close();
  }
}

/** A program in the room. */
async function script(text: string): Promise<string> {
  const path = await room.write("program", `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

test("one that is not there is named", async () => {
  expect(await refusal("/no/such/python")).toMatch(
    /^PYTHON_UNUSABLE: .*a\.py cannot be loaded: the interpreter \/no\/such\/python was not found\. Install Python 3\.8/,
  );
});

test("one that may not be run is named", async () => {
  await room.write("python", "");
  expect(await refusal(join(room.folder, "python"))).toMatch(
    /the interpreter .*python may not be run by this user/,
  );
});

test("one that ends at once is named, with what it said last", async () => {
  const path = await script("echo 'no licence left' >&2; exit 3");
  expect(await refusal(path)).toMatch(
    /the interpreter .*program does not run: its process ended with exit code 3, after it said "no licence left"\. Install/,
  );
});

test("a folder to run in that is not there is named", async () => {
  expect(await refusal(python ?? "/bin/sh", { cwd: "/no/such/folder" })).toContain(
    "or its folder python.cwd /no/such/folder is not there",
  );
});

test.skipIf(withoutPython)("one that says it is older than 3.8 is refused with its version", async () => {
  const faked = `import sys; sys.version_info = (3, 7, 16, "final", 0); exec(open(sys.argv[1]).read())`;
  const path = await script(`exec ${python} -c '${faked}' "$1"`);
  expect(await refusal(path)).toMatch(
    /the interpreter .*program is Python 3\.7\.16, and 3\.8 or newer is needed\. Install Python 3\.8/,
  );
});

test.skipIf(oldPythons.length === 0).each(oldPythons)(
  "Python $version is refused with its version",
  async (old) => {
    expect(await refusal(old.executable)).toMatch(
      new RegExp(`is Python ${old.version}\\.\\d+, and 3\\.8 or newer is needed`),
    );
  },
);

describe.skipIf(withoutPython).each(pythons)("Python $version", ({ executable, version }) => {
  test("runs a plugin, and its host says so", async () => {
    const other = await PythonRoom.open({ interpreter: executable });
    const { host, heard } = await other.load(
      "a.py",
      plugin("logger.info('%d.%d', *__import__('sys').version_info[:2])"),
    );
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual([version]);
    expect(host.runtime).toMatch(new RegExp(`^Python ${version}\\.\\S+ at ${executable}$`));
    await other.close();
  });

  test("tells a Python 2 file from other mistakes", async () => {
    const other = await PythonRoom.open({ interpreter: executable });
    for (const line of ["print 'hello'", "except ValueError, e:", "raise ValueError, 'x'"]) {
      const body = line.startsWith("except")
        ? `try:\n    pass\n${line}\n    pass\n`
        : `if True:\n    pass\n${line}\n`;
      const error = await other.loadError("a.py", body);
      expect(error.message).toMatch(
        new RegExp(`a\\.py:3: this is Python 2 .*the interpreter is Python ${version}`),
      );
    }
    expect((await other.loadError("a.py", "def f(:\n")).message).not.toContain("Python 2");
    await other.close();
  });
});

describe.skipIf(withoutPython)("a plugin", () => {
  test("runs in a virtual environment, with what is installed there", async () => {
    const venv = join(room.folder, "venv");
    execFileSync(python!, ["-m", "venv", "--without-pip", "--symlinks", venv]);
    const interpreter = join(venv, "bin/python");
    const ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])";
    const site = execFileSync(interpreter, ["-c", ask], { encoding: "utf8" }).trim();
    await room.write(join(site.slice(room.folder.length + 1), "studio_lib.py"), "VALUE = 'from the venv'\n");
    const other = await PythonRoom.open({ interpreter });
    const { host, heard } = await other.load(
      "a.py",
      `import studio_lib\n${plugin("logger.info(studio_lib.VALUE)")}`,
    );
    host.hand(run(1, 1));
    await heard.untilDone(1);
    expect(heard.messages).toEqual(["from the venv"]);
    expect(host.runtime).toContain(interpreter);
    // what is installed is no file to watch
    expect(host.modules).toHaveLength(1);
    await other.close();
  });

  test("runs in the folder and with the umask that are configured", async () => {
    const body =
      "made = os.path.join(os.path.dirname(__file__), 'made')\n    os.makedirs(made)\n    logger.info('%s %o', os.getcwd(), os.stat(made).st_mode & 0o777)";
    for (const [umask, mode] of [
      [0, "777"],
      [0o027, "750"],
    ] as const) {
      const other = await PythonRoom.open({ cwd: "/", umask });
      const { host, heard } = await other.load("a.py", plugin(body));
      host.hand(run(1, 1));
      await heard.untilDone(1);
      expect(heard.messages).toEqual([`/ ${mode}`]);
      await other.close();
    }
  });

  test("has the daemon's folder and umask by default", async () => {
    const heard = new Heard();
    const source =
      "import os\nmask = os.umask(0)\nprint(os.getcwd(), mask)\ndef registerCallbacks(reg): pass\n";
    await room.load("a.py", source, heard);
    expect(heard.messages).toEqual([`${process.cwd()} ${process.umask()}`]);
  });
});
