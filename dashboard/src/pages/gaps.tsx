/** Ids that the site has given out but does not show yet, and those that were given up. */
import { useAnswer } from "../api/answer.ts";
import type { Gap } from "../api/shapes.ts";
import { count, duration } from "../format.ts";
import { Pending } from "../parts/pending.tsx";
import { type Column, Table } from "../parts/table.tsx";

interface Answer {
  open: Gap[];
  givenUp: { generation: number; first: number; last: number }[];
}

export function Gaps() {
  const { answer, refusal } = useAnswer<Answer>("/gaps");
  if (!answer) return <Pending refusal={refusal} what="the gaps" />;
  return (
    <>
      <h1>Gaps</h1>
      <p class="quiet">
        An id is missing while the transaction that will write its event has not ended on the site, or for
        ever when that was rolled back. The events after a gap are not held up.
      </p>
      {answer.open.length === 0 ? (
        <p>No id is missing.</p>
      ) : (
        <Table columns={COLUMNS} rows={answer.open} keyOf={({ first }) => first} />
      )}
      {answer.givenUp.length > 0 && (
        <>
          <h2>Given up: never happened, as far as could be seen</h2>
          <ul class="ranges">
            {answer.givenUp.map(({ generation, first, last }) => (
              <li key={`${generation}:${first}`}>{rangeText(first, last)}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

const COLUMNS: Column<Gap>[] = [
  { label: "Ids", cell: ({ first, last }) => rangeText(first, last) },
  { label: "How many", figure: true, cell: ({ first, last }) => count(last - first + 1) },
  { label: "Waited for", figure: true, cell: ({ waitedMs }) => duration(waitedMs) },
  { label: "Given up in", figure: true, cell: ({ givesUpInMs }) => duration(givesUpInMs) },
];

const rangeText = (first: number, last: number): string =>
  first === last ? `${first}` : `${first} – ${last}`;
