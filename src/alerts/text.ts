/** A letter as plain text. */
import type { Story, View } from "./view.ts";

const WIDTH = 78;

export function textOf({ stories, lines, note, sender }: View): string {
  const parts = stories.map(storyText);
  if (lines.length > 0) parts.unshift(lines.map((line) => hanging(line)).join("\n"));
  if (note) parts.push(wrapped(note, ""));
  return `${parts.join(`\n\n${"-".repeat(WIDTH)}\n\n`)}\n\n-- \n${sender.join("\n")}\n`;
}

function hanging(line: string): string {
  return `* ${wrapped(line, "  ").trimStart()}`;
}

function storyText({ headline, message, facts, stack, cure, commands }: Story): string {
  const wide = Math.max(0, ...facts.map(({ name }) => name.length));
  const table = facts.flatMap(({ name, value, href }) => [
    `  ${name.padEnd(wide)}  ${value}`,
    ...(href ? [`  ${" ".repeat(wide)}  ${href}`] : []),
  ]);
  const parts = [wrapped(headline, "")];
  if (message) parts.push(indented(message, "  "));
  parts.push(table.join("\n"));
  if (stack) parts.push(`Stack:\n${indented(stack, "  ")}`);
  if (cure) parts.push(`What to do:\n${wrapped(cure, "  ")}`);
  if (commands.length > 0) parts.push(commands.map((command) => `  ${command}`).join("\n"));
  return parts.join("\n\n");
}

function indented(text: string, by: string): string {
  return text
    .split("\n")
    .map((line) => by + line)
    .join("\n");
}

/** Words in lines; a word is never cut. */
function wrapped(text: string, by: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > WIDTH - by.length) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return indented([...lines, line].join("\n"), by);
}
