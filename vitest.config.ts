import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const src = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url));

/** Rooms that keep nothing outside of what they are asked to open, so files of tests do each other no harm. */
const IN_ONE_PROCESS = ["client", "config", "sandbox", "sandbox-server"].map(
  (room) => `test/${room}/**/*.test.ts`,
);

export default defineConfig({
  resolve: {
    alias: [
      { find: /^callsheet$/, replacement: src("index.ts") },
      { find: /^callsheet\/(client|sandbox|daemon)$/, replacement: src("$1/mod.ts") },
    ],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // daemons that tests start need not strip and compile the same sources each time
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("./node_modules/.cache/compiled", import.meta.url)) },
    // tests that start processes leave a third of the processors idle: they wait for leases, hosts and disks
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        extends: true,
        test: { name: "whole", include: ["test/**/*.test.ts"], exclude: IN_ONE_PROCESS },
      },
      {
        // half of the time of these is the import of what the file before has imported already
        extends: true,
        test: { name: "in one process", include: IN_ONE_PROCESS, isolate: false },
      },
    ],
  },
});
