/** How a letter reads. */
import { expect, test } from "vitest";
import { htmlOf } from "../../src/alerts/html.ts";
import { KINDS, type Kind } from "../../src/alerts/kinds.ts";
import { textOf } from "../../src/alerts/text.ts";
import { duration, number, times } from "../../src/alerts/wording.ts";
import { anItem, aView } from "./views.ts";

test("a failure, as text", () => {
  expect(textOf(aView())).toBe(`notify stopped at event 18233411; its events wait.

  TypeError: Cannot read properties of null (reading 'name')

  plugin    notify (/studio/plugins/notify.ts)
  callback  onStatus
  waiting   1,204 events
  event     18233411, Shotgun_Task_Change, sg_status_list, 2026-11-27 16:02:09 UTC
  change    ip → rev
  of        Task 5512 "Anim <final> & more"
            https://studio.shotgrid.autodesk.com/detail/Task/5512
  project   Project 70 "Bunny"
            https://studio.shotgrid.autodesk.com/detail/Project/70
  by        HumanUser 24 "Ada Lovelace"
            https://studio.shotgrid.autodesk.com/detail/HumanUser/24
  attempts  3
  code      CALLBACK_FAILED
  since     2026-11-27 16:02:11 UTC

Stack:
  at onStatus (/studio/plugins/notify.ts:14:20)
  at tell (/studio/plugins/lib/tell.ts:3:5)

What to do:
  Mend the file: it is loaded again by itself and goes on from this event.
  Once the cause is gone without a change of the file, start it again; or skip
  the event.

  callsheet retry notify
  callsheet skip notify --event 18233411 --reason "…"

-- 
Callsheet on render01
Site: https://studio.shotgrid.autodesk.com
State: /var/lib/callsheet
`);
});

const mended = (plugin: string) =>
  anItem({
    plugin,
    fingerprint: plugin,
    open: false,
    first: false,
    breaks: 0,
    mends: 1,
    lastMendAt: Date.UTC(2026, 10, 27, 17, 7, 11),
  });

test("a recovery says how far behind it is, and how long it took", () => {
  const text = textOf(aView([mended("notify")], { inReplyTo: "x" }));
  expect(text).toMatch(/^notify is running again, 1,204 events behind\.\n/);
  expect(text).toContain("after 1 h 5 min");
  expect(text).not.toContain("What to do");
});

test.each([
  [{ backlog: 1204, catchUp: null }, "notify is running again, 1,204 events behind."],
  [
    { backlog: 1204, catchUp: { events: 1500, isDone: false, ms: 40_400 } },
    "notify is running again, 1,204 events behind; it will have caught up in about 40 s.",
  ],
  [
    { backlog: 0, catchUp: { events: 1204, isDone: true, ms: 40_400 } },
    "notify is running again and has caught up: 1,204 events in 40 s.",
  ],
  [
    { backlog: 0, catchUp: { events: 1, isDone: true, ms: 3 } },
    "notify is running again and has caught up: 1 event.",
  ],
  [{ backlog: 0, catchUp: { events: 0, isDone: true, ms: 0 } }, "notify is running again."],
])("a recovery with %j", (known, sentence) => {
  const plugins = new Map([["notify", { path: "/p/notify.ts", ...known }]]);
  const text = textOf(aView([mended("notify")], { inReplyTo: "x" }, { plugins }));
  expect(text.split("\n\n")[0]!.replaceAll("\n", " ")).toBe(sentence);
});

test.each([
  ["the first time", anItem(), "notify: TypeError: Cannot read properties of null (reading 'name')"],
  [
    "a digest",
    anItem({ first: false, breaks: 1412 }),
    "Re: [1,412 more] notify: TypeError: Cannot read properties of null (reading 'name')",
  ],
  [
    "broken again",
    anItem({ first: false, again: true }),
    "Re: [broken again] notify: TypeError: Cannot read properties of null (reading 'name')",
  ],
  [
    "a reminder",
    anItem({ first: false, breaks: 0 }),
    "Re: [still broken] notify: TypeError: Cannot read properties of null (reading 'name')",
  ],
  [
    "a recovery",
    mended("notify"),
    "Re: [running again] notify: TypeError: Cannot read properties of null (reading 'name')",
  ],
])("the subject of %s", (_what, item, subject) => {
  expect(aView([item], { inReplyTo: item.first ? null : "x" }).subject).toBe(subject);
});

test("a subject is one short line, whatever the message", () => {
  const message = `Error: ${"first line\n".repeat(100)}`;
  const { subject } = aView([anItem({ facts: { message } })]);
  expect(subject).not.toContain("\n");
  expect(subject.length).toBeLessThanOrEqual(80);
});

test("many cases: a line each, the broken ones first, the first three at length", () => {
  const items = Array.from({ length: 37 }, (_, index) =>
    index < 6 ? mended(`p${index}`) : anItem({ plugin: `p${index}`, fingerprint: `p${index}` }),
  );
  const view = aView(items);
  expect(view.subject).toBe("31 plugins have trouble, 6 mended");
  expect(view.lines).toHaveLength(37);
  expect(view.lines[0]).toBe("p6: TypeError: Cannot read properties of null (reading 'name')");
  expect(view.lines.at(-1)).toBe("p5 is running again.");
  expect(view.stories).toHaveLength(3);
});

test("what there is no room for is counted", () => {
  const items = Array.from({ length: 130 }, (_, index) =>
    anItem({ plugin: `p${index}`, fingerprint: `p${index}`, breaks: 2 }),
  );
  const { lines, note } = aView(items, { leftOut: { cases: 12, breaks: 1834 } });
  expect(lines).toHaveLength(100);
  expect(note).toMatch(/^And 42 more, which broke 1,894 times in all/);
});

test("an event that is no longer in the journal, and one of a retired entity", () => {
  expect(textOf(aView(undefined, {}, { events: new Map() }))).toContain(
    "event     18233411 (no longer in the journal)",
  );
});

test("nothing that a plugin or an event says becomes markup", () => {
  const message = `Error: <script>alert(1)</script> "quoted" & more`;
  const html = htmlOf(
    aView([anItem({ facts: { message, stack: "at <anonymous> (/a.ts:1:1)", eventId: 18_233_411 } })]),
  );
  expect(html).not.toContain("<script>");
  expect(html).toContain("Error: &lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; more");
  expect(html).toContain("Anim &lt;final&gt; &amp; more");
});

test("nothing is fetched when a mail is opened", () => {
  expect(htmlOf(aView())).not.toMatch(/<img|<link|<script|url\(/);
});

test.each(Object.keys(KINDS) as Kind[])("%s reads well when it breaks and when it is mended", (kind) => {
  for (const plugin of ["notify", null]) {
    for (const open of [true, false]) {
      const item = anItem({
        kind,
        plugin,
        open: open && KINDS[kind].lasting,
        lastMendAt: Date.UTC(2026, 10, 27, 17),
      });
      const { subject, stories } = aView([item]);
      expect(`${subject} ${JSON.stringify(stories)}`).not.toMatch(/undefined|NaN|\[object|null \w/);
      expect(stories[0]!.headline).toMatch(/^\S.*\.$/);
    }
  }
});

test("numbers, times and durations", () => {
  expect([1, 2, 1204].map(times)).toEqual(["once", "twice", "1,204 times"]);
  expect(number(1_000_000)).toBe("1,000,000");
  expect([400, 61_000, 3_900_000, 90_000_000].map(duration)).toEqual([
    "0 s",
    "1 min 1 s",
    "1 h 5 min",
    "1 d 1 h",
  ]);
});
