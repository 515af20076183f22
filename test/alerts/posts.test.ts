/** Webhooks: what chats and programs get, and what is said when they do not take it. */
import { expect, test } from "vitest";
import { openSlack, openWebhooks } from "../../src/alerts/post.ts";
import type { Sink } from "../../src/alerts/sink.ts";
import { openReceiver } from "./places.ts";
import { anItem, aView, EVENT } from "./views.ts";

const NOBODY = { key: "", sink: "", to: [] };

function slack(url: string): Sink {
  return openSlack([url], 500)[0]!;
}

test("a chat gets a line and an attachment for each story", async () => {
  const { url, posts } = await openReceiver();
  await slack(url).send(aView(), NOBODY);
  const [{ body }] = posts as [(typeof posts)[number]];
  expect(body.text).toBe("*notify: TypeError: Cannot read properties of null (reading 'name')*");
  const [story, footer] = body.attachments as Record<string, unknown>[];
  expect(story).toMatchObject({ fallback: "notify stopped at event 18233411; its events wait." });
  expect(story!.text).toContain("```at onStatus (/studio/plugins/notify.ts:14:20)");
  expect(story!.text).toContain("`callsheet retry notify`");
  expect(story!.fields).toContainEqual({
    title: "of",
    value:
      '<https://studio.shotgrid.autodesk.com/detail/Task/5512|Task 5512 "Anim &lt;final&gt; &amp; more">',
    short: true,
  });
  expect(footer!.footer).toContain("render01");
});

test("nothing that a plugin says becomes markup, a mention or the end of a code block", async () => {
  const { url, posts } = await openReceiver();
  const message = "Error: <!channel> ``` <https://evil.example.com|click>";
  await slack(url).send(aView([anItem({ facts: { message } })]), NOBODY);
  const text = JSON.stringify(posts[0]!.body);
  expect(text).not.toContain("<!channel>");
  expect(text).not.toContain("<https://evil");
  expect(text.match(/```/g)).toHaveLength(2);
});

test("a program gets all of it, with a token of its own", async () => {
  const { url, posts } = await openReceiver();
  const [hook] = openWebhooks([{ url, token: "t0ken" }], 500);
  const items = Array.from({ length: 12 }, (_, index) =>
    anItem({ plugin: `p${index}`, fingerprint: `plugin_failed/${index}` }),
  );
  await hook!.send(aView(items, { leftOut: { cases: 3, breaks: 40 } }), NOBODY);
  expect(posts[0]!.headers).toMatchObject({
    authorization: "Bearer t0ken",
    "content-type": "application/json; charset=utf-8",
  });
  expect(posts[0]!.body).toMatchObject({
    version: 1,
    id: "callsheet.1.1.aa@render01",
    leftOut: { cases: 3, breaks: 40 },
  });
  const alerts = posts[0]!.body.alerts as Record<string, unknown>[];
  expect(alerts).toHaveLength(12);
  expect(alerts[0]).toMatchObject({
    fingerprint: "plugin_failed/0",
    kind: "plugin_failed",
    state: "broken",
    plugin: "p0",
    event: EVENT,
    commands: ["callsheet retry p0", 'callsheet skip p0 --event 18233411 --reason "…"'],
  });
});

test.each([
  [
    404,
    "no_service",
    { refused: true, message: /^slack 1 at 127\.0\.0\.1:\d+ answered 404 \(it said: no_service\)\.$/ },
  ],
  [503, "", { refused: false, message: /answered 503\.$/ }],
])("an answer of %i is told", async (status, text, { refused, message }) => {
  const { url } = await openReceiver(() => ({ status, text }));
  await expect(slack(url).send(aView(), NOBODY)).rejects.toMatchObject({
    code: "ALERT_NOT_SENT",
    refused,
    message: expect.stringMatching(message),
  });
});

test("a wish to be left alone is passed on", async () => {
  const { url } = await openReceiver(() => ({ status: 429, headers: { "retry-after": "30" } }));
  await expect(slack(url).send(aView(), NOBODY)).rejects.toMatchObject({ retryAfterMs: 30_000 });
});

test("a place that is not there, and one that never answers", async () => {
  await expect(slack("http://127.0.0.1:9/services/s3cret").send(aView(), NOBODY)).rejects.toMatchObject({
    message: expect.stringMatching(/^slack 1 at 127\.0\.0\.1:9 cannot be reached: nothing listens there\.$/),
  });
  const { url } = await openReceiver(() => null);
  await expect(slack(url).send(aView(), NOBODY)).rejects.toMatchObject({
    message: expect.stringContaining("it did not answer in time"),
  });
});

test("the address is a secret, and is not told when it is wrong", () => {
  expect(() => openSlack(["hooks.slack.com/services/s3cret"])).toThrow(
    /slack 1 .* not an http or https address/,
  );
  expect(() => openSlack(["hooks.slack.com/services/s3cret"])).not.toThrow(/s3cret/);
});
