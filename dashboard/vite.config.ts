import { defineConfig } from "vite";

/** `npm run build:page`. For work on the page: `npx vite dashboard`, beside a daemon on its usual port. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    // one small script: nothing to gain from loading it in pieces
    modulePreload: false,
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": process.env.CALLSHEET_URL ?? "http://127.0.0.1:7879" } },
});
