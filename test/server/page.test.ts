/** What browsers get at addresses of the page, and where there is nothing. */
import { describe, expect, it } from "vitest";
import { servedDaemon } from "./rig.ts";

/** As a browser asks for an address that somebody typed. */
const BROWSER = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };
const NOWHERE = ["/nothing", "/plugins/a/b", "/assets/gone.js", "/webhooks", "/plugins/%E0%A4%A"];

describe("an address where nothing is", () => {
  it("is the page for a browser, which says so, and JSON for everybody else", async () => {
    const { get } = await servedDaemon({});
    for (const path of NOWHERE) {
      const page = await get(path, BROWSER);
      expect([path, page.status, page.headers.get("content-type")]).toEqual([
        path,
        404,
        "text/html; charset=utf-8",
      ]);
      expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
      const program = await get(path, { accept: "*/*" });
      expect([path, program.status >= 400, typeof program.json.error.message]).toEqual([
        path,
        true,
        "string",
      ]);
    }
  });

  it("below /api is JSON, whoever asks", async () => {
    const { get } = await servedDaemon({});
    for (const path of ["/api", "/api/", "/api/v1/nothing", "/api?x", "/api/v1/plugins/nobody"]) {
      const { status, json } = await get(path, BROWSER);
      expect([path, status, json.error.code]).toEqual([
        path,
        404,
        expect.stringMatching(/NOT_FOUND|UNKNOWN/),
      ]);
    }
  });

  it("needs no token to be told of by the page, and opens nothing", async () => {
    const { get } = await servedDaemon({}, { server: { port: 0, token: "a-long-token-of-the-studio" } });
    expect((await get("/nothing", BROWSER)).status).toBe(404);
    expect((await get("/nothing", { accept: "*/*" })).status).toBe(401);
    for (const path of ["/%61pi/v1/status", "/metrics", "/api/v1/status", "/api/v1/nothing"])
      expect([path, (await get(path, BROWSER)).status]).toEqual([path, 401]);
  });
});

describe("the icon", () => {
  it("is the one that the page names, also where a browser asks by itself, before it has a token", async () => {
    const { get } = await servedDaemon({}, { server: { port: 0, token: "a-long-token-of-the-studio" } });
    const page = await get("/", BROWSER);
    const [, named = ""] = /<link rel="icon" href="([^"]+)"/.exec(page.json) ?? [];
    for (const path of [named, "/favicon.ico"]) {
      const { status, headers, json } = await get(path, { accept: "image/*" });
      expect([path, status, headers.get("content-type")]).toEqual([path, 200, "image/svg+xml"]);
      expect(String(json)).toMatch(/^<svg /);
    }
  });
});
