/**
 * Memory: whether it stays flat over a long catch-up, and what one more plugin costs under load.
 * Run it as `node bench/memory.ts [EVENTS]`, after `npm run build`. Linux only.
 */
import { catchUp, openSite } from "./catch-up.ts";

const events = Number(process.argv[2] ?? 1_000_000);
const long = await openSite(events);
try {
  const line: string[] = [];
  await catchUp({
    site: long.info,
    events,
    plugins: 1,
    onTheWay: (share, mb) => line.push(`${Math.round(share * 100)}%: ${Math.round(mb)} MB`),
  });
  console.log(`${events} events, 1 plugin, resident: ${line.join(", ")}`);
} finally {
  long.close();
}

const short = await openSite(100_000);
try {
  const one = await catchUp({ site: short.info, events: 100_000, plugins: 1 });
  const eleven = await catchUp({ site: short.info, events: 100_000, plugins: 11 });
  const each = (eleven.peakMb - one.peakMb) / 10;
  console.log(
    `peak under load: 1 plugin ${Math.round(one.peakMb)} MB, 11 plugins ${Math.round(eleven.peakMb)} MB, so ${each.toFixed(1)} MB a plugin`,
  );
} finally {
  short.close();
}
