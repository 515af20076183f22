import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const src = (file: string) => fileURLToPath(new URL(`./src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^callsheet$/, replacement: src("index.ts") },
      { find: /^callsheet\/(client|sandbox|daemon)$/, replacement: src("$1/mod.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // daemons that tests start need not strip and compile the same sources each time
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("./node_modules/.cache/compiled", import.meta.url)) },
    // most tests wait for processes of their own, not for the processor
    maxWorkers: "100%",
  },
});
