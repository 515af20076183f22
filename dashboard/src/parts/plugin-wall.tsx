/** Every plugin as a small tile in the colour of its state, worst first; how many are at what. */
import type { Plugin } from "../api/shapes.ts";
import { compact, duration } from "../format.ts";
import { byTrouble, toneOf } from "./activity.tsx";
import { pluginPath } from "./plugin-link.tsx";

const MOST_TILES = 60;

export function PluginWall({ plugins }: { plugins: readonly Plugin[] }) {
  const there = plugins
    .filter(({ gone }) => !gone)
    .toSorted(
      (a, b) => byTrouble.indexOf(a.activity) - byTrouble.indexOf(b.activity) || b.backlog - a.backlog,
    );
  if (there.length === 0) return null;
  const states = Object.entries(Object.groupBy(there, ({ activity }) => activity));
  return (
    <section>
      <div class="headed">
        <h2>Plugins</h2>
        <p>
          {states.map(([state, those]) => (
            <a key={state} class={`mark ${toneOf(those![0]!)}`} href={`/plugins?q=${state}`}>
              {those!.length} {state}
            </a>
          ))}
        </p>
      </div>
      <ul class="wall">
        {there.slice(0, MOST_TILES).map((plugin) => (
          <li key={plugin.id}>
            <a class={`tile ${toneOf(plugin)}`} href={pluginPath(plugin.name)}>
              <span>{plugin.name}</span>
              <small>{wordFor(plugin)}</small>
            </a>
          </li>
        ))}
      </ul>
      {there.length > MOST_TILES && (
        <p>
          <a href="/plugins">All {there.length} plugins</a>
        </p>
      )}
    </section>
  );
}

/** In few words: what it is at, or how far behind. */
function wordFor({ activity, backlog, backlogAgeMs }: Plugin): string {
  if (backlog === 0) return activity;
  const waits = `${compact(backlog)} wait`;
  if (activity !== "running") return `${activity}, ${waits}`;
  return backlogAgeMs === null ? waits : `${waits}, ${duration(backlogAgeMs)}`;
}
