/** The plugin's own lines around the place where it failed. */
import type { Source } from "../api/shapes.ts";
import { visible } from "../format.ts";

export function SourceLines({ source: { path, line, first, lines } }: { source: Source }) {
  return (
    <figure class="source" aria-label={`${path}, line ${line}`}>
      <figcaption>
        {path}:{line}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, and must do so for a keyboard too */}
      <pre tabIndex={0}>
        {lines.map((text, index) => {
          const number = first + index;
          return (
            <div key={number} class={number === line ? "here" : undefined}>
              <span class="number">{number}</span> {visible(text)}
            </div>
          );
        })}
      </pre>
    </figure>
  );
}
