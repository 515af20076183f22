/** A number with its name above and a word about it below; a few of them make a `dl.figures`. */
import type { ComponentChildren } from "preact";

export interface FigureProps {
  name: string;
  value: ComponentChildren;
  note: string;
}

export function Figure({ name, value, note }: FigureProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value}
        <small>{note}</small>
      </dd>
    </div>
  );
}
