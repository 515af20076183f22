/** The page that people see at the sandbox's root. */
import { type Html, html } from "./html.ts";

export interface TaskLine {
  id: number;
  name: string;
  on: string;
  status: string;
  /** The status that its button gives it. */
  next: string;
}

export interface EventLine {
  id: number;
  type: string;
  attribute: string | null;
  description: string;
  /** `YYYY-MM-DDTHH:MM:SSZ` */
  at: string;
}

export interface View {
  url: string;
  counts: [label: string, count: number][];
  tasks: TaskLine[];
  events: EventLine[];
  /** Comes back with each form, so that no other site can press the buttons. */
  token: string;
}

export function pageOf(view: View, style: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Callsheet sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="5">
${style}</head><body><main>
<header><h1>Callsheet sandbox</h1><p>A Flow Production Tracking site in a box at <code>${view.url}</code></p></header>
<dl class="counts">${view.counts.map(([label, count]) => html`<div><dd>${count.toLocaleString("en")}</dd><dt>${label}</dt></div>`)}</dl>
<div class="two">
<section><h2>Tasks under way</h2>${view.tasks.length ? html`<ul>${view.tasks.map((task) => taskLine(task, view.token))}</ul>` : NO_TASKS}</section>
<section><h2>Recent events</h2>${view.events.length ? html`<ul>${view.events.map(eventLine)}</ul>` : NO_EVENTS}</section>
</div></main></body></html>
`;
}

const NO_TASKS = html`<p class="empty">No tasks under way. Start the sandbox with <code>--studio small</code> for some.</p>`;
const NO_EVENTS = html`<p class="empty">Nothing has happened yet.</p>`;

function taskLine(task: TaskLine, token: string): Html {
  return html`<li><div><span class="line">${task.name}</span><span class="line soft">${task.on}</span></div>
<span class="tag">${task.status}</span>
<form method="post" action="/sandbox/page"><input type="hidden" name="token" value="${token}"><input type="hidden" name="task" value="${task.id}">
<button name="do" value="status" title="Set the task to ${task.next}">Set ${task.next}</button><button name="do" value="publish">Publish</button></form></li>`;
}

function eventLine(event: EventLine): Html {
  const what = event.attribute ? html` <span class="soft">${event.attribute}</span>` : "";
  return html`<li><span class="id">${event.id}</span><div><span class="line">${event.type}${what}</span><span class="line all soft">${event.description}</span></div>
<time class="soft" datetime="${event.at}">${event.at.slice(11, 19)}</time></li>`;
}
