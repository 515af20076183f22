/** Is it flowing, what needs attention first, and how it went over the last hours. */
import { refusal, status } from "../api/live.ts";
import type { Attention } from "../api/shapes.ts";
import { ago, bytes, compact, duration } from "../format.ts";
import { Figure } from "../parts/figure.tsx";
import { History } from "../parts/history.tsx";

export function Overview() {
  const known = status.value;
  if (!known)
    return (
      <section class="empty">
        <h1>{refusal.value ? refusal.value.message : "Asking the daemon"}</h1>
        {refusal.value?.hint && <p>{refusal.value.hint}</p>}
      </section>
    );
  const { site, reader, journal, plugins, now, attention } = known;
  const behind = Math.max(0, ...plugins.map(({ backlog }) => backlog));
  return (
    <>
      <h1>{known.ready.ready ? "Events are flowing" : known.ready.reasons.join("; ")}</h1>
      <AttentionList items={attention} />
      <dl class="figures">
        <Figure
          name="Site"
          value={site.state}
          note={site.lastAnswerAt ? `answered ${ago(site.lastAnswerAt, now)}` : "no answer yet"}
        />
        <Figure
          name="Newest event"
          value={reader.newestAt ? ago(reader.newestAt, now) : "none since the start"}
          note={`id ${reader.position}`}
        />
        <Figure
          name="Events read"
          value={compact(reader.events)}
          note={reader.catchingUp ? "catching up" : "since the start"}
        />
        <Figure name="Largest backlog" value={compact(behind)} note={`of ${plugins.length} plugins`} />
        <Figure
          name="Open gaps"
          value={compact(reader.openGaps)}
          note={`${compact(reader.givenUpIds)} ids given up`}
        />
        <Figure name="Journal" value={bytes(journal.bytes)} note={`of ${bytes(journal.maxBytes)}`} />
        <Figure
          name="Running for"
          value={duration(Date.parse(now) - Date.parse(known.startedAt))}
          note={`version ${known.version}`}
        />
      </dl>
      <History />
    </>
  );
}

function AttentionList({ items }: { items: readonly Attention[] }) {
  if (items.length === 0) return <p class="quiet">Nothing needs attention.</p>;
  return (
    <ul class="attention">
      {items.map(({ severity, about, plugin, message, command }) => (
        <li key={`${about}${plugin ?? ""}${message}`} class={severity}>
          {plugin && <a href={`/plugins/${encodeURIComponent(plugin)}`}>{plugin}</a>}
          {plugin && message.startsWith(plugin) ? message.slice(plugin.length) : ` ${message}`}
          {command && <code>{command}</code>}
        </li>
      ))}
    </ul>
  );
}
