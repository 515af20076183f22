/** How signals end a command. */
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { callsheet, folderWith, ROOT } from "./process.ts";

/** A program that is given signals by itself, without a moment between them, and then waits. */
function given(...signals: string[]) {
  const module = JSON.stringify(join(ROOT, "src/cli/until-signal.ts"));
  const folder = folderWith({
    "program.ts": `import { untilSignal } from ${module};
const stop = untilSignal(() => console.log("leaving"));
for (const name of ${JSON.stringify(signals)}) process.emit(name as NodeJS.Signals);
console.log(\`goes on after \${stop.reason}\`);
setInterval(() => {}, 1000);
`,
  });
  return callsheet([], { program: [join(folder, "program.ts")] });
}

test("one that the terminal and npm both give counts once; the next ends it, when it has done what was to be done", async () => {
  const running = given("SIGINT", "SIGINT");
  await running.says(/goes on after SIGINT/);
  const again = setInterval(() => running.kill("SIGINT"), 100);
  onTestFinished(() => clearInterval(again));
  expect(await running.ended).toEqual({ status: null, signal: "SIGINT" });
  expect(running.stdout).toBe("goes on after SIGINT\nleaving\n");
});

test("another one is not the same, however soon it comes", async () => {
  expect(await given("SIGINT", "SIGTERM").ended).toEqual({ status: null, signal: "SIGTERM" });
});
