/** A plugin's replays, newest first. */
import { useAnswer } from "../api/answer.ts";
import type { Replay } from "../api/shapes.ts";
import { count, dateAndTime } from "../format.ts";
import { type Column, Table } from "./table.tsx";

const TONES: Record<Replay["state"], string> = {
  running: "idle",
  finished: "good",
  stopped: "warn",
  interrupted: "warn",
  failed: "bad",
};

export function ReplayMark({ replay: { state, activity } }: { replay: Replay }) {
  return <span class={`mark ${TONES[state]}`}>{activity === "stopping" ? "stopping" : state}</span>;
}

const COLUMNS: Column<Replay>[] = [
  {
    label: "Number",
    cell: ({ id, dryRun }) => <a href={`/replays/${id}`}>{`${id}${dryRun ? ", dry run" : ""}`}</a>,
  },
  { label: "State", cell: (replay) => <ReplayMark replay={replay} /> },
  { label: "Events", cell: ({ first, last }) => `${first} to ${last}` },
  { label: "Matched", figure: true, cell: ({ counts }) => count(counts.matched) },
  { label: "Who", cell: ({ operator }) => `${operator.by}, ${dateAndTime(operator.at)}` },
];

export function Replays({ plugin }: { plugin: string }) {
  const { answer } = useAnswer<{ replays: Replay[] }>(
    `/replays?limit=10&plugin=${encodeURIComponent(plugin)}`,
  );
  if (!answer || answer.replays.length === 0) return null;
  return (
    <section>
      <h2>Replays</h2>
      <Table columns={COLUMNS} rows={answer.replays} keyOf={({ id }) => id} />
    </section>
  );
}
