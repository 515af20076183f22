/** A temporary plugin folder and real python processes. */
import type { PluginPython } from "../../src/config-python.ts";
import { openPythonHosts, type PythonHostsOptions } from "../../src/plugins/python/hosts.ts";
import { noTransport, Room } from "../plugins/room.ts";
import { python } from "./python.ts";

export type PythonRoom = Room;

export const PythonRoom = {
  open(options: Partial<PythonHostsOptions & PluginPython> = {}): Promise<PythonRoom> {
    const {
      interpreter = python ?? "python3",
      path = [],
      group = "plugin",
      cwd = null,
      umask = null,
      ...rest
    } = options;
    const hosts = openPythonHosts({
      pythonOf: () => ({ interpreter, path, group, cwd, umask }),
      site: { url: "https://studio.example", timeoutMs: 5000, httpProxy: null, caCerts: null },
      transport: noTransport,
      memoryLimitBytes: 512e6,
      loadTimeoutMs: 30_000,
      loadAgainAfterMs: null,
      siteIsAway: async () => false,
      useSessionUuid: true,
      logLevel: "debug",
      ...rest,
    });
    return Room.around("python", hosts);
  },
};

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
