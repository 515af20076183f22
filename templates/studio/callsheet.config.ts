import { defineConfig } from "callsheet";

// Every key, with its default: docs/configuration.md of Callsheet. Secrets come from the environment or from .env.
export default defineConfig({
  site: {
    url: process.env.SITE_URL ?? "https://your-studio.shotgrid.autodesk.com",
    scriptName: process.env.SCRIPT_NAME ?? "callsheet",
    scriptKey: { env: "SCRIPT_KEY" },
  },

  // Each file in these folders is a plugin. A changed file is reloaded while the daemon runs.
  plugins: ["./plugins"],

  // The journal and the plugins' places in it. Put it on a local disk.
  state: "./state",

  // Where the very first start begins: "latest", "earliest", an event id, or a date.
  start: "latest",
});
