/** The webhook doorbell. */
import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, notes, recorder } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

const SECRET = "sesame-open";
const signed = (body: string, secret = SECRET) =>
  `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`;

it("a signed delivery wakes the reader, and nothing else does", async () => {
  const { sandbox, folder, daemon, get } = await servedDaemon(
    { "good.ts": recorder("good") },
    // so that only the bell brings events
    { fetchInterval: "1h", server: { port: 0, webhookSecret: SECRET } },
  );
  const ring = async (body: string, headers: Record<string, string>) => {
    const response = await fetch(`${daemon.url}/webhooks/fpt`, { method: "POST", body, headers });
    return { status: response.status, text: await response.text() };
  };
  const body = JSON.stringify({ data: { event_log_entry_id: 5 } });
  const questions = daemon.status().site.answers;
  sandbox.site.events.add([CHANGE]);
  expect((await ring(body, {})).status).toBe(403);
  expect((await ring(body, { "x-sg-signature": signed(`${body} `) })).status).toBe(403);
  expect((await ring(body, { "x-sg-signature": signed(body, "other") })).text).toContain(
    "server.webhookSecret",
  );
  expect((await ring("x".repeat(3_000_000), { "x-sg-signature": "sha1=0" })).status).toBe(413);
  expect(daemon.status().site.answers).toBe(questions);
  expect(await ring(body, { "x-sg-signature": signed(body), "content-type": "application/json" })).toEqual({
    status: 204,
    text: "",
  });
  await until(() => notes(folder, "good").length === 1);
  // a page of another site may not ring, and has no secret; a proxy may rename the host
  const batch = JSON.stringify({ timestamp: "2026", data: { deliveries: [{}, {}] } });
  sandbox.site.events.add([CHANGE]);
  expect((await ring(batch, { "x-sg-signature": signed(batch) })).status).toBe(204);
  await until(() => notes(folder, "good").length === 2);
  expect((await get("/metrics")).json).toContain('callsheet_webhook_deliveries_total{outcome="refused"} 3');
});

it("is not there without a secret", async () => {
  const { daemon } = await servedDaemon({ "good.ts": recorder("good") });
  expect((await fetch(`${daemon.url}/webhooks/fpt`, { method: "POST", body: "{}" })).status).toBe(404);
});
