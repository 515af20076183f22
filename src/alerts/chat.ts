/** A letter for Slack and for chats that take the same: `text`, and an attachment for each story. */
import type { Fact, Story, View } from "./view.ts";
import { shortened } from "./wording.ts";

const COLOURS = { bad: "#b3261e", good: "#1e7b34", note: "#d19a00" } as const;
const LONGEST_TEXT = 2500;

export function chatOf({ subject, stories, lines, note, sender }: View): object {
  const list = [...lines, ...(note ? [note] : [])].join("\n");
  const summary = { color: "#888888", mrkdwn_in: ["text"], text: shortened(escaped(list), LONGEST_TEXT) };
  return {
    text: `*${escaped(subject)}*`,
    attachments: [
      ...(list === "" ? [] : [summary]),
      ...stories.map(attachment),
      { color: "#ffffff", text: "", footer: escaped(sender.join(". ")) },
    ],
  };
}

function attachment({ tone, headline, message, facts, stack, cure, commands }: Story): object {
  const code = stack ?? message;
  const parts = [
    `*${escaped(headline)}*`,
    ...(code === null ? [] : [fenced(code)]),
    ...(cure === "" ? [] : [escaped(cure)]),
    ...commands.map((command) => `\`${escaped(command)}\``),
  ];
  return {
    color: COLOURS[tone],
    fallback: escaped(headline),
    mrkdwn_in: ["text", "fields"],
    text: parts.join("\n"),
    fields: facts.map(field),
  };
}

function fenced(code: string): string {
  return `\`\`\`${escaped(shortened(code, LONGEST_TEXT))}\`\`\``;
}

function field({ name, value, href }: Fact): object {
  const shown = escaped(value);
  return {
    title: name,
    value: href ? `<${href}|${shown.replaceAll("|", "¦")}>` : shown,
    short: value.length < 40,
  };
}

/** Nothing in it is markup, a mention or the end of a block of code. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("```", "'''");
}
