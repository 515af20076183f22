#!/usr/bin/env node
/* This file alone is read by whatever Node.js is on the machine: plain old JavaScript, without import or require. */
var NEEDED = 24;
var found = Number(process.version.slice(1).split(".")[0]);

if (found < NEEDED) {
  process.stderr.write(
    "error: Callsheet needs Node.js " +
      NEEDED +
      " or newer, and this is " +
      process.version +
      "; install it from https://nodejs.org, or for this folder alone with: npm install node@" +
      NEEDED +
      " (NODE_TOO_OLD)\n",
  );
  process.exitCode = 1;
} else {
  import("../dist/cli/main.js").then((cli) => cli.main(process.argv));
}
