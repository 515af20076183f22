/** With a token everything is closed, however its address is written; and answers say what browsers may do with them. */
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import fc from "fast-check";
import { expect, it } from "vitest";
import { refusalLog } from "../../src/server/refusals.ts";
import { TestLog } from "../daemon/rig.ts";
import { recorder } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

const TOKEN = "a-token-of-some-length";
const GOOD = { "good.ts": recorder("good") };

interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** The path as it is written, which `fetch` would tidy up. */
function raw(
  url: string,
  path: string,
  method = "GET",
  headers: Record<string, string> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { path, method, headers }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => {
        text += part.toString("latin1");
        // live updates do not end
        if (response.headers["content-type"] === "text/event-stream") response.destroy();
      });
      response.on("close", () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** The same address in other words: letters as escapes, slashes doubled, dots, capitals. */
const written = (path: string) =>
  fc
    .array(fc.constantFrom("as it is", "escaped", "ESCAPED", "capital"), {
      minLength: path.length,
      maxLength: path.length,
    })
    .chain((ways) =>
      fc.constantFrom("", "/", "/.", "/x/..", ";", "?x=/", "#").map((end) => {
        const letters = [...path].map((letter, i) => {
          const hex = letter.charCodeAt(0).toString(16);
          if (ways[i] === "escaped") return `%${hex}`;
          if (ways[i] === "ESCAPED") return `%${hex.toUpperCase()}`;
          return ways[i] === "capital" ? letter.toUpperCase() : letter;
        });
        return `/${letters.slice(1).join("")}${end}`;
      }),
    );

it("without the token no way of writing an address leads to what is behind it", async () => {
  const { daemon, get } = await servedDaemon(GOOD, { server: { port: 0, token: TOKEN } });
  const url = daemon.url!;
  const closed = ["/api/v1/status", "/metrics", "/api/v1/live", "/api/v1/audit", "/api/v1/plugins/good"];
  for (const path of ["/%61pi/v1/status", "/%6detrics", "/ap%69/v1/live", "/%61pi/v1/plugins/good"])
    expect((await raw(url, path)).status, path).toBe(401);
  const change = await raw(url, "/%61pi/v1/plugins/good/pause", "POST", { "x-callsheet": "1" });
  expect(change.status).toBe(401);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...closed).chain(written), async (path) => {
      const { status, text } = await raw(url, path);
      expect([400, 401, 403, 404], `${path}: ${text}`).toContain(status);
      expect(text).not.toMatch(/callsheet_build_info|"plugins"|event: update/);
    }),
    { numRuns: 150 },
  );
  expect((await get("/api/v1/status", { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
}, 60_000);

it.each([
  "/assets/../index.html",
  "/assets/..%2f..%2f..%2fpackage.json",
  "/assets/%2e%2e/%2e%2e/package.json",
  "/assets/..%5c..%5cpackage.json",
  "/assets//etc/passwd",
  "/assets/%00",
  "/icon.svg/../../package.json",
])("no file but the page's own: %s", async (path) => {
  const { daemon } = await servedDaemon({});
  const { status, text } = await raw(daemon.url!, path);
  expect(status, text).toBeGreaterThanOrEqual(400);
  expect(text).not.toMatch(/"name": "callsheet"|root:/);
});

it("every answer says that it belongs to no other page, into no frame, and is what it says", async () => {
  const { daemon } = await servedDaemon(GOOD);
  for (const path of [
    "/",
    "/api/v1/status",
    "/api/v1/live",
    "/api/v1/audit",
    "/metrics",
    "/healthz",
    "/none",
    "/%",
  ]) {
    const { headers } = await raw(daemon.url!, path);
    expect(headers, path).toMatchObject({
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
      "x-frame-options": "DENY",
      "content-security-policy": expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  }
});

it("a page on another port of this machine may not ask either", async () => {
  const { daemon } = await servedDaemon(GOOD);
  const from = (site: string, mode: string) =>
    raw(daemon.url!, "/api/v1/audit", "GET", { "sec-fetch-site": site, "sec-fetch-mode": mode });
  expect((await from("same-site", "no-cors")).status).toBe(403);
  expect((await from("same-origin", "cors")).status).toBe(200);
});

it("a wrong token is told in the log, once a minute, and never shown", async () => {
  const { log, post, get } = await servedDaemon(GOOD, { server: { port: 0, token: TOKEN } });
  for (let i = 0; i < 5; i += 1) await get("/api/v1/status", { authorization: `Bearer wrong-${i}-secret` });
  await post("/api/v1/session", { token: "wrong-secret" });
  const told = log.lines.filter(({ message }) => message.includes("right token"));
  expect(told.map(({ level, message }) => [level, message])).toEqual([
    ["warn", "a request from 127.0.0.1 did not show the right token"],
  ]);
  expect(JSON.stringify(log.lines)).not.toContain("wrong-");
  let now = 0;
  const lines = new TestLog();
  const refused = refusalLog(lines, () => now);
  refused("10.0.0.1");
  refused("10.0.0.2");
  now = 60_000;
  refused("10.0.0.3");
  expect(lines.lines.map(({ message }) => message)).toEqual([
    "a request from 10.0.0.1 did not show the right token",
    "a request from 10.0.0.3 did not show the right token, the last of 2 since the last such line",
  ]);
});

const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

it.skipIf(elsewhere === undefined)(
  "what somebody elsewhere says of himself stands beside his address",
  async () => {
    const options = { server: { port: 0, host: "0.0.0.0", token: TOKEN } };
    const { daemon, log } = await servedDaemon(GOOD, options);
    const response = await fetch(
      `http://${elsewhere}:${new URL(daemon.url!).port}/api/v1/plugins/good/reload`,
      {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: JSON.stringify({ by: "zoe", why: "a test\nby: root" }),
      },
    );
    expect(response.status).toBe(200);
    const line = await log.line("reload good");
    expect(line).toMatchObject({
      message: `zoe (at ${elsewhere}): reload good: a test by: root`,
      action: "reload",
    });
  },
);
