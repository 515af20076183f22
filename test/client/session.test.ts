/** What belongs to a connection as a whole: session uuid, user agent, and the thread it runs in. */
import { Worker } from "node:worker_threads";
import { openHttpTransport, type WireRequest } from "callsheet/client";
import { expect, test } from "vitest";
import { connect } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

const auth = (site: Recorder, index: number) => site.requests[index]?.body.params[0];
const script = { script_name: "test script", script_key: expect.any(String) };

test("a session uuid goes with every call until it is taken back", async () => {
  await using site = await Recorder.open(() => ({}));
  await using client = connect(site.url, { sessionUuid: "u-1" });
  await client.sg.delete("Shot", 1);
  client.sg.setSessionUuid("u-2");
  await client.sg.delete("Shot", 1);
  client.sg.setSessionUuid(null);
  await client.sg.delete("Shot", 1);
  expect(auth(site, 0)).toEqual({ ...script, session_uuid: "u-1" });
  expect(auth(site, 1)).toEqual({ ...script, session_uuid: "u-2" });
  expect(auth(site, 2)).toEqual(script);
});

test("a call keeps the session uuid it began with, over every page", async () => {
  await using site = await Recorder.open((_request, index) => page([{ type: "Shot", id: index }], index < 2));
  await using client = connect(site.url, { sessionUuid: "u-1" });
  const found = client.sg.find("Shot", []);
  client.sg.setSessionUuid("u-2");
  expect(await found).toHaveLength(3);
  for (const index of [0, 1, 2]) expect(auth(site, index)).toMatchObject({ session_uuid: "u-1" });
});

test("the user agent names Node and what the caller adds", async () => {
  await using site = await Recorder.open(() => ({}));
  await using client = connect(site.url, { userAgent: ["my-tool 1.2"] });
  await client.sg.delete("Shot", 1);
  expect(site.requests[0]?.headers["user-agent"]).toMatch(
    new RegExp(`^callsheet-json; Node ${process.versions.node} \\(\\w+\\); my-tool 1.2$`),
  );
});

test("in a thread that brings its own transport the client works and loads no HTTP library", async () => {
  await using site = await Recorder.open(() =>
    page([{ type: "Shot", id: 7, created_at: "2016-05-03T04:50:30Z" }]),
  );
  const transport = openHttpTransport();
  const worker = new Worker(new URL("./fixtures/thread.ts", import.meta.url), { workerData: site.url });
  const { promise: done, resolve, reject } = Promise.withResolvers<unknown>();
  worker.on("error", reject);
  worker.on("message", async (message: { id: number; request: WireRequest } | { result: unknown }) => {
    if ("result" in message) return resolve(message.result);
    const reply = await transport.send(message.request, { timeoutMs: 20_000 });
    worker.postMessage({ id: message.id, reply });
  });
  expect(await done).toEqual({
    found: [{ type: "Shot", id: 7, created_at: new Date("2016-05-03T04:50:30Z") }],
    httpLibraryFiles: [],
  });
  await worker.terminate();
  await transport.close();
});
