/** A studio as the Python daemon leaves it: its conf, its state file, plugins that write down what they get, and the site. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type Config, loadConfig } from "../../src/config-file.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { python } from "../plugins-python/python.ts";
import { confText } from "./confs.ts";

export const CHANGE = { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" };

export interface OldPlugin {
  lastId: number | null;
  pending?: readonly number[];
}

export interface OldStudio {
  sandbox: Sandbox;
  folder: string;
  conf: string;
  idFile: string;
  /** Callsheet's state folder. */
  state: string;
  config(): Promise<Config>;
  /** Writes the state file as the Python daemon does. Keys are folders of the studio, or absolute paths. */
  remember(places: Record<string, Record<string, OldPlugin>>, protocol?: number): void;
  /** Ids that a plugin got, each once, in the order of their first coming. */
  got(plugin: string): number[];
  /** How often something came that had come before. */
  repeats(plugin: string): number;
}

/** @param plugins path in the studio → source, or null for one that writes down what it gets */
export async function openOldStudio(plugins: Record<string, string | null>): Promise<OldStudio> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "callsheet-old-studio-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const sandbox = await openSandbox();
  onTestFinished(() => sandbox.close());
  for (const [path, source] of Object.entries(plugins)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), source ?? RECORDER);
  }
  const inside = (path: string) => join(folder, path);
  const [conf, idFile] = [inside("shotgunEventDaemon.conf"), inside("var/events.id")];
  mkdirSync(inside("var"));
  mkdirSync(inside("notes"));
  const folders = [...new Set(Object.keys(plugins).map((path) => path.split("/")[0]!))];
  writeFileSync(
    conf,
    confText({
      daemon: {
        pidFile: inside("var/daemon.pid"),
        eventIdFile: idFile,
        logFile: inside("var/daemon.log"),
        fetch_interval: "0",
      },
      shotgun: { server: sandbox.url, name: sandbox.scriptName, key: sandbox.scriptKey },
      plugins: { paths: folders.map(inside).join(", ") },
    }),
  );
  const lines = (plugin: string) => {
    const file = inside(`notes/${plugin}`);
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number) : [];
  };
  return {
    sandbox,
    folder,
    conf,
    idFile,
    state: `${idFile}.callsheet`,
    config: () => loadConfig(conf, { cwd: folder, env: process.env }),
    remember: (places, protocol = 4) => writeFileSync(idFile, pickled(places, folder, protocol)),
    got: (plugin) => [...new Set(lines(plugin))],
    repeats: (plugin) => lines(plugin).length - new Set(lines(plugin)).size,
  };
}

/** Writes with one call, so that a kill leaves a line or none. */
const RECORDER = `import os
NAME = os.path.splitext(os.path.basename(__file__))[0]
FILE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "notes", NAME)
def registerCallbacks(reg):
    reg.registerCallback("script", "key", on_change, {"Shotgun_Task_Change": ["sg_status_list"]})
def on_change(sg, logger, event, args):
    out = os.open(FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(out, ("%d\\n" % event["id"]).encode())
    os.close(out)
`;

function pickled(
  places: Record<string, Record<string, OldPlugin>>,
  folder: string,
  protocol: number,
): Buffer {
  const source = `import datetime, json, os, pickle, sys
until = datetime.datetime.now() + datetime.timedelta(minutes=3)
state = {os.path.join(sys.argv[1], path): {name: (place["lastId"], {id: until for id in place.get("pending", [])})
         for name, place in plugins.items()} for path, plugins in json.load(sys.stdin).items()}
sys.stdout.buffer.write(pickle.dumps(state, int(sys.argv[2])))`;
  return execFileSync(python!, ["-c", source, folder, `${protocol}`], { input: JSON.stringify(places) });
}

/** Every file below a folder, with a hash of what is in it. */
export function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const what = entry.isFile() ? createHash("sha256").update(readFileSync(path)).digest("hex") : "folder";
      return [relative(folder, path), `${what} ${statSync(path).mode.toString(8)}`];
    }),
  );
}

/** Polls, patiently: processes are slow to start on a busy machine. @throws Error with `what()` after two minutes */
export async function soon(condition: () => boolean, what: () => string): Promise<void> {
  const end = performance.now() + 120_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(what());
    await wait(20);
  }
}
