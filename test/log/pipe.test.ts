import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

test("a reader that goes away does not end the process", async () => {
  const chatter = spawn(process.execPath, [join(import.meta.dirname, "chatter.ts")], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const stderr = text(chatter.stderr);
  await once(chatter.stdout, "data");
  chatter.stdout.destroy();
  await once(chatter.stdout, "close");
  chatter.stdin.end();
  expect(await once(chatter, "close")).toEqual([0, null]);
  expect(await stderr).toBe("alive\n");
});
