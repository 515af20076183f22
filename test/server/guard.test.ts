/** Who may ask the server, and who may not. */

import { mkdirSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { expect, it, test } from "vitest";
import { startDaemon } from "../../src/daemon/start.ts";
import { openTestSandbox, studio, TestLog } from "../daemon/rig.ts";
import { recorder } from "../daemon/whole.ts";
import { asking, servedDaemon } from "./rig.ts";

const GOOD = { "good.ts": recorder("good") };
const TOKEN = "a-token-of-some-length";

/** With headers that `fetch` would not send. */
function raw(url: string, path: string, headers: Record<string, string>, method = "GET"): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { method, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode!));
    });
    asked.on("error", reject);
    asked.end();
  });
}

it("answers to its own names only, and not to other pages", async () => {
  const { address, daemon } = await servedDaemon(GOOD, { server: { port: 0, names: ["callsheet.lan"] } });
  const url = daemon.url!;
  const port = new URL(url).port;
  const status = (headers: Record<string, string>, method = "GET") =>
    raw(url, "/api/v1/status", { host: `localhost:${port}`, ...headers }, method);
  for (const host of [
    `localhost:${port}`,
    `127.0.0.1:${port}`,
    "[::1]",
    "10.1.2.3",
    "callsheet.lan:80",
    "CALLSHEET.lan",
  ])
    expect(await status({ host }), host).toBe(200);
  for (const host of [
    "evil.com",
    `localhost.evil.com:${port}`,
    "callsheet.lan.evil.com",
    "a/b",
    "u@127.0.0.1",
    " ",
  ])
    expect(await status({ host }), host).toBeGreaterThanOrEqual(400);
  expect(await status({ origin: `http://localhost:${port}` })).toBe(200);
  for (const origin of ["http://evil.com", "null", `https://localhost:1`, `http://localhost`, "nonsense"])
    expect(await status({ origin }), origin).toBe(403);
  expect(await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" })).toBe(403);
  const change = (headers: Record<string, string>) =>
    raw(url, "/api/v1/plugins/good/reload", { host: `localhost:${port}`, ...headers }, "POST");
  expect(await change({})).toBe(403);
  expect(await change({ "x-callsheet": "1" })).toBe(200);
  expect(await change({ authorization: `Bearer ${address.token}` })).toBe(200);
  expect(await change({ authorization: "Bearer wrong" })).toBe(401);
});

it("with a token, shows nothing but its health to those who do not know it", async () => {
  const { address, get, post } = await servedDaemon(GOOD, { server: { port: 0, token: TOKEN } });
  const shown = { authorization: `Bearer ${TOKEN}` };
  for (const path of [
    "/api/v1/status",
    "/api/v1/live",
    "/metrics",
    "/api/v1/openapi.json",
    "/api/v1/nothing",
  ]) {
    expect((await get(path)).status, path).toBe(401);
    expect((await get(path, { authorization: `Bearer ${TOKEN}x` })).status, path).toBe(401);
  }
  expect((await get("/readyz")).status).toBe(200);
  expect((await get("/api/v1/status", shown)).status).toBe(200);
  expect((await get("/api/v1/status", { authorization: `Bearer ${address.token}` })).status).toBe(200);
  expect((await post("/api/v1/plugins/good/reload")).status).toBe(401);
  expect((await post("/api/v1/plugins/good/reload", {}, shown)).status).toBe(200);
});

it("logs a browser in with a cookie, and out again", async () => {
  const { get, post } = await servedDaemon(GOOD, { server: { port: 0, token: TOKEN } });
  expect((await get("/api/v1/session")).json).toEqual({ needsToken: true });
  expect((await post("/api/v1/session", { token: "wrong" })).status).toBe(401);
  expect((await post("/api/v1/session", { token: TOKEN }, {})).status).toBe(403);
  const { headers } = await post("/api/v1/session", { token: TOKEN });
  const cookie = headers.get("set-cookie")!;
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
  const held = { cookie: cookie.split(";")[0]! };
  expect((await get("/api/v1/status", held)).status).toBe(200);
  expect((await post("/api/v1/plugins/good/reload", {}, held)).status).toBe(403);
  expect((await post("/api/v1/plugins/good/reload", {}, { ...held, "x-callsheet": "1" })).status).toBe(200);
  expect((await get("/api/v1/status", { cookie: "callsheet_token=%E0%A4%A" })).status).toBe(401);
});

it("keeps this run's token where only its user can read it, for as long as it runs", async () => {
  const { config, address, daemon } = await servedDaemon(GOOD);
  const file = join(config.state, "server.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(address.token).toMatch(/^[0-9a-f]{48}$/);
  await daemon.stop();
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
});

test.each([
  [{ host: "0.0.0.0" }, "server.token is missing; it must be set when server.host is 0.0.0.0"],
  [{ host: "studio.lan", port: 80 }, "server.token is missing"],
  [{ port: 70000 }, "server.port must be a whole number from 0 to 65535"],
])("half a configuration is refused: %j", async (server, sentence) => {
  const sandbox = await openTestSandbox();
  await expect(studio(sandbox, GOOD, { server })).rejects.toThrow(sentence);
});

test("a token that is easy to guess, an address of elsewhere and a port that is taken refuse the start", async () => {
  const sandbox = await openTestSandbox();
  const { daemon } = await servedDaemon(GOOD, {}, sandbox);
  const starting = async (server: object) => {
    const { config } = await studio(sandbox, GOOD, { server });
    return startDaemon({ config, log: new TestLog() });
  };
  await expect(starting({ port: 0, token: "short" })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await expect(starting({ port: 0, host: "192.0.2.1", token: TOKEN })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
  });
  const port = Number(new URL(daemon.url!).port);
  await expect(starting({ port })).rejects.toMatchObject({ code: "PORT_IN_USE" });
  // a state that was opened for a start that failed is closed again
  expect((await asking(daemon).get("/healthz")).status).toBe(200);
});

test("an address that cannot be left for the commands refuses the start, and leaves nothing open", async () => {
  const sandbox = await openTestSandbox();
  const { config } = await studio(sandbox, GOOD, { server: { port: 0 } });
  const inTheWay = join(config.state, "server.json");
  mkdirSync(join(inTheWay, "full"), { recursive: true });
  const start = () => startDaemon({ config, log: new TestLog() });
  await expect(start()).rejects.toMatchObject({
    code: "STATE_UNUSABLE",
    message: expect.stringContaining(inTheWay),
  });
  rmSync(inTheWay, { recursive: true });
  const daemon = await start();
  await daemon.stop();
});

test("it can be switched off", async () => {
  const sandbox = await openTestSandbox();
  const { config } = await studio(sandbox, GOOD, { server: { enabled: false } });
  const daemon = await startDaemon({ config, log: new TestLog() });
  expect(daemon.url).toBe(null);
  await daemon.stop();
});
