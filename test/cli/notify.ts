/** systemd's end of the socket by which a daemon tells how it does. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { python, withoutPython } from "../plugins-python/python.ts";
import { Running } from "./process.ts";

export function isThere(program: string): boolean {
  const found = spawnSync(program, ["--version"]).status === 0;
  if (!found) console.warn(`No ${program} is found: what needs it is SKIPPED.`);
  return found;
}

/** What a test of it is skipped by. */
export const withoutNotify = withoutPython || !isThere("systemd-notify");

/** A stand-in for systemd's end of the socket: each message on a line, as JSON. */
const LISTENER = `
import json, os, socket, sys
at = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
at.bind(sys.argv[1])
print("listening", flush=True)
while True:
    text = at.recv(65536).decode()
    if not text.startswith("BARRIER"):
        print(json.dumps(text.split("\\n")), flush=True)
`;

/** @returns the socket to tell it by, and all assignments it was told, in their order */
export async function listen(folder: string) {
  const socket = join(folder, "notify");
  const child = spawn(python!, ["-c", LISTENER, socket], { stdio: ["ignore", "pipe", "inherit"] });
  const listener = new Running(child);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await listener.ended;
  });
  await listener.says(/listening/);
  const messages = () =>
    listener.stdout
      .split("\n")
      .slice(1, -1)
      .flatMap((line) => JSON.parse(line) as string[]);
  return { socket, messages };
}
