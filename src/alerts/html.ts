/** A letter as HTML for mail clients: tables and inline styles, no image, no script, nothing fetched. */
import type { Fact, Story, View } from "./view.ts";

const TONES = { bad: "#b3261e", good: "#1e7b34", note: "#8a5a00" } as const;
const FONT =
  "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:14px;line-height:1.45";
const MONO =
  "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12px;line-height:1.5";
const CODE = `${MONO};background:#f4f4f2;color:#1f1f1f;padding:10px 12px;border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;margin:12px 0 0`;

export function htmlOf(view: View): string {
  const { subject, stories, lines, note, sender } = view;
  const list = lines.map((line) => `<li style="margin:0 0 4px">${escaped(line)}</li>`).join("");
  const all = list === "" ? "" : `<ul style="margin:0 0 24px;padding:0 0 0 18px">${list}</ul>`;
  const rest = note === null ? "" : `<p style="margin:16px 0 0">${escaped(note)}</p>`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"><title>${escaped(subject)}</title></head>
<body style="margin:0;padding:16px;background:#fff;color:#1f1f1f;${FONT}">
<div style="max-width:680px">
${all}
${stories.map(storyHtml).join("\n")}
${rest}
<p style="margin:20px 0 0;color:#666;font-size:12px">${sender.map(escaped).join("<br>")}</p>
</div>
</body>
</html>
`;
}

function storyHtml({ tone, headline, message, facts, stack, cure, commands }: Story): string {
  return box(
    TONES[tone],
    [
      `<h1 style="margin:0;font-size:17px;line-height:1.3;color:${TONES[tone]}">${escaped(headline)}</h1>`,
      message === null
        ? ""
        : `<p style="margin:8px 0 0;${MONO};font-size:13px;white-space:pre-wrap;overflow-wrap:anywhere">${escaped(message)}</p>`,
      `<table role="presentation" style="margin:12px 0 0;border-collapse:collapse">${facts.map(factRow).join("")}</table>`,
      stack === null ? "" : `<pre style="${CODE}">${escaped(stack)}</pre>`,
      cure === "" ? "" : `<p style="margin:12px 0 0">${escaped(cure)}</p>`,
      commands.length === 0 ? "" : `<pre style="${CODE}">${escaped(commands.join("\n"))}</pre>`,
    ].join(""),
  );
}

function box(colour: string, content: string): string {
  return `<div style="border-left:4px solid ${colour};padding:2px 0 2px 14px;margin:0 0 22px">${content}</div>`;
}

function factRow({ name, value, href }: Fact): string {
  const shown = href
    ? `<a href="${escaped(href)}" style="color:#0b57d0">${escaped(value)}</a>`
    : escaped(value);
  return `<tr><td style="padding:1px 16px 1px 0;color:#666;vertical-align:top">${escaped(name)}</td><td style="padding:1px 0;overflow-wrap:anywhere">${shown}</td></tr>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
