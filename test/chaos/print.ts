/** What chaos runs print in the end. */
import type { PluginVerdict } from "./oracle.ts";

export function verdict({ kept, proven }: { kept: boolean; proven: boolean }): string {
  if (!kept) return "A PROMISE WAS BROKEN";
  if (!proven) return "NOTHING IS PROVEN: no promise was broken, but too little happened";
  return "every promise was kept";
}

export function pluginLine({
  plugin,
  delivered,
  lost,
  repeats,
  unmarked,
  ordered,
  disorder,
  longestMs,
}: PluginVerdict): string {
  return (
    `  ${plugin.padEnd(14)} ${String(delivered).padStart(6)} delivered, ${lost.length} lost, ${repeats} repeated, ` +
    `${unmarked.length} unmarked, ${disorder.length} of ${ordered} out of order, longest wait ${(longestMs / 1000).toFixed(1)} s`
  );
}

export function words(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
