/** Live updates. */

import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { Live, type Update } from "../../src/server/live.ts";
import { until } from "../daemon/rig.ts";
import { CHANGE, daemonWith, lane, notes, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

/** Everything that a client of `/live` is told. */
function listening(url: string) {
  const updates: Update[] = [];
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const reading = (async () => {
    const response = await fetch(`${url}/api/v1/live`, { signal: end.signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    let text = "";
    for await (const part of response.body!) {
      text += Buffer.from(part as Uint8Array).toString();
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (data) updates.push(JSON.parse(data) as Update);
      }
    }
  })().catch(() => {});
  return { updates, end: () => end.abort(), reading };
}

it("tells of events, deliveries and what happens, to everybody who listens", async () => {
  const { sandbox, folder, daemon, get } = await servedDaemon({
    "good.ts": recorder("good"),
    "bad.ts": twoCallbacks(true),
  });
  const clients = [listening(daemon.url!), listening(daemon.url!)];
  await until(() => clients.every(({ updates }) => updates.length > 0));
  expect(clients[0]!.updates[0]!.plugins.map(({ name }) => name)).toEqual(["bad", "good"]);
  const { first, last } = sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "good").length === 2 && lane(daemon, "bad").activity === "failed");
  for (const { updates } of clients) {
    const events = () => updates.flatMap(({ events: each }) => each.map(({ event }) => event.id));
    const happened = () => updates.flatMap(({ happenings }) => happenings.map(({ kind }) => kind));
    const calls = () => updates.flatMap(({ plugins }) => plugins.filter(({ name }) => name === "good"));
    await until(
      () => events().includes(last) && happened().includes("failure") && (calls().at(-1)?.calls ?? 0) === 2,
    );
    expect(events()).toEqual([first, last]);
    expect(updates.reduce((sum, { appended }) => sum + appended, 0)).toBe(2);
    expect(calls().flatMap(({ recent }) => recent.map(({ eventId }) => eventId))).toEqual([first, last]);
  }
  clients[0]!.end();
  clients[1]!.end();
  const metrics = async () => (await get("/metrics")).json.split("\n");
  await until(async () => (await metrics()).includes("callsheet_live_clients 0"));
});

it("ends with the daemon", async () => {
  const { daemon } = await servedDaemon({ "good.ts": recorder("good") });
  const client = listening(daemon.url!);
  await until(() => client.updates.length > 0);
  await daemon.stop();
  await client.reading;
});

it("drops a client that does not read, and goes on telling the others", async () => {
  const { daemon } = await daemonWith({ "good.ts": recorder("good") });
  const live = new Live({ daemon, answers: daemon.answers, everyMs: 5 });
  const server = createServer((_request, response) => live.add(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    onTestFinished(() => void socket.destroy());
    return socket;
  };
  const slow = open().pause();
  let read = 0;
  open().on("data", (data) => {
    read += data.length;
  });
  await until(() => live.clients === 2 && read > 0);
  const why = "x".repeat(200_000);
  await until(() => {
    daemon.happenings.tell({ kind: "operated", action: "none", plugin: null, by: "test", why, detail: "" });
    return live.dropped === 1;
  });
  expect(live.clients).toBe(1);
  const before = read;
  daemon.happenings.tell({ kind: "gap_opened", first: 1, last: 2 });
  await until(() => read > before);
  slow.destroy();
  live.close();
  server.close();
});
