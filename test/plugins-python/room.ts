/** A temporary plugin folder and real python processes. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, parse } from "node:path";
import type { Host, PluginFile } from "../../src/daemon/host.ts";
import { readSlot } from "../../src/journal/slot.ts";
import type { PluginLoadError } from "../../src/plugins/load.ts";
import {
  openPythonHosts,
  type PythonHosts,
  type PythonHostsOptions,
} from "../../src/plugins/python/hosts.ts";
import { Heard, noTransport } from "../plugins/room.ts";

export class PythonRoom {
  readonly folder: string;
  readonly slotFile: string;
  readonly hosts: PythonHosts;

  private constructor(folder: string, options: Partial<PythonHostsOptions>) {
    this.folder = folder;
    this.slotFile = join(folder, "slot");
    this.hosts = openPythonHosts({
      interpreter: "python3",
      pythonPath: [],
      site: { url: "https://studio.example", timeoutMs: 5000, httpProxy: null, caCerts: null },
      transport: noTransport,
      memoryLimitBytes: 512e6,
      loadTimeoutMs: 30_000,
      loadAgainAfterMs: null,
      useSessionUuid: true,
      logLevel: "debug",
      ...options,
    });
  }

  static async open(options: Partial<PythonHostsOptions> = {}): Promise<PythonRoom> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "callsheet-python-")));
    await writeFile(join(folder, "slot"), "");
    return new PythonRoom(folder, options);
  }

  /** Writes a file below the room's folder. @returns its path */
  async write(name: string, content: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  /** Writes a plugin and loads it. */
  async load(name: string, content: string, heard = new Heard()): Promise<{ host: Host; heard: Heard }> {
    const path = await this.write(name, content);
    return { host: await this.start(path, heard), heard };
  }

  start(path: string, heard = new Heard(), signal = new AbortController().signal): Promise<Host> {
    const plugin: PluginFile = { path, name: parse(path).name, language: "python", folder: 0 };
    return this.hosts.start({ plugin, slot: { file: this.slotFile, epoch: 1 }, listener: heard, signal });
  }

  /** The error with which a plugin does not load. */
  async loadError(name: string, content: string): Promise<PluginLoadError> {
    try {
      await this.load(name, content);
    } catch (error) {
      return error as PluginLoadError;
    }
    throw new Error(`${name} was loaded`);
  }

  get slot() {
    return readSlot(this.slotFile).record;
  }

  async close(): Promise<void> {
    await this.hosts.close();
    await rm(this.folder, { recursive: true });
  }
}

/** Keeps a plugin's `sg` from being made: no request, no import. */
export const FAKE_API = `import sys, types
fake = types.ModuleType("shotgun_api3")
class Shotgun:
    def __init__(self, url, **given):
        self.url, self.given, self.session = url, given, None
    def set_session_uuid(self, uuid):
        self.session = uuid
fake.Shotgun = Shotgun
sys.modules["shotgun_api3"] = fake
`;

/** A plugin whose callbacks `cb0`, `cb1`, … have these bodies, one line each or with their own indentation of four. */
export function plugin(...bodies: string[]): string {
  const callbacks = bodies.map((body, i) => `def cb${i}(sg, logger, event, args):\n    ${body}\n`);
  const calls = bodies.map(
    (_, i) => `    reg.registerCallback("script", "the-key-${i}", cb${i}, None, {"seen": []})\n`,
  );
  return `${FAKE_API}import json, os, time, logging\n${callbacks.join("")}def registerCallbacks(reg):\n${calls.join("")}`;
}
