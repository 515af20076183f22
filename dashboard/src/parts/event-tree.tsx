/** An event as the site tells it. */
import type { WireEvent } from "../api/shapes.ts";
import { Tree } from "./tree.tsx";

export function EventTree({ event }: { event: WireEvent }) {
  return (
    <>
      {Object.entries(event).map(([key, value]) => (
        <Tree key={key} name={key} value={value} />
      ))}
    </>
  );
}
