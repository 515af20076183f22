/** What needs attention, worst first, with what can be done about it. */
import { useState } from "preact/hooks";
import type { Attention, Plugin } from "../api/shapes.ts";
import { inOwnTime, visible } from "../format.ts";
import { FirstDeeds } from "./plugin-deeds.tsx";
import { PluginLink } from "./plugin-link.tsx";

const FIRST_SHOWN = 6;

export interface AttentionListProps {
  items: readonly Attention[];
  plugins: readonly Plugin[];
}

export function AttentionList({ items, plugins }: AttentionListProps) {
  const [all, setAll] = useState(false);
  if (items.length === 0) return <p class="quiet">Nothing needs attention.</p>;
  const more = items.length - FIRST_SHOWN;
  return (
    <section aria-label="What needs attention">
      <ul class="attention">
        {(all ? items : items.slice(0, FIRST_SHOWN)).map((item) => (
          <Item
            key={`${item.about}${item.plugin ?? ""}${item.plugin ? "" : item.message}`}
            item={item}
            plugin={plugins.find(({ name }) => name === item.plugin)}
          />
        ))}
      </ul>
      {!all && more > 0 && (
        <p class="deeds">
          <button type="button" onClick={() => setAll(true)}>
            Show {more} more
          </button>
        </p>
      )}
    </section>
  );
}

function Item({ item, plugin }: { item: Attention; plugin: Plugin | undefined }) {
  const { severity, plugin: name, message, command } = item;
  const rest = name && message.startsWith(name) ? message.slice(name.length) : ` ${message}`;
  return (
    <li class={severity}>
      <p class="message">
        {name && <PluginLink name={name} />}
        {visible(inOwnTime(rest))}
      </p>
      {command && <code>{command}</code>}
      {plugin && (
        <div class="deeds">
          <FirstDeeds plugin={plugin} />
        </div>
      )}
    </li>
  );
}
