/** What `callsheet alerts test` sends. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { View } from "./view.ts";
import { moment } from "./wording.ts";

export function testView({ siteUrl, state }: { siteUrl: string; state: string }): View {
  const host = hostname() || "localhost";
  const now = Date.now();
  return {
    letter: {
      id: `callsheet.test.${randomBytes(8).toString("hex")}@${host}`,
      inReplyTo: null,
      items: [],
      leftOut: { cases: 0, breaks: 0 },
      sealedAt: now,
    },
    background: { host, siteUrl, state, events: new Map(), plugins: new Map() },
    subject: "a test",
    lines: [],
    stories: [
      {
        tone: "good",
        headline: "Alerts reach you here.",
        message: "This is a test: nothing is broken.",
        facts: [{ name: "sent", value: moment(now) }],
        stack: null,
        cure: "",
        commands: [],
      },
    ],
    note: null,
    sender: [`Callsheet on ${host}`, `Site: ${siteUrl}`, `State: ${state}`],
  };
}
