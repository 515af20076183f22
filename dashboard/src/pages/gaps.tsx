/** Ids that the site has given out but does not show yet, and those that were given up. */
import { useAnswer } from "../api/answer.ts";
import type { Gap } from "../api/shapes.ts";
import { count, duration } from "../format.ts";
import { Pending } from "../parts/pending.tsx";

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
      {answer.open.length === 0 ? <p>No id is missing.</p> : <OpenGaps gaps={answer.open} />}
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

function OpenGaps({ gaps }: { gaps: readonly Gap[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Ids</th>
            <th scope="col" class="figure">
              How many
            </th>
            <th scope="col" class="figure">
              Waited for
            </th>
            <th scope="col" class="figure">
              Given up in
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map(({ first, last, waitedMs, givesUpInMs }) => (
            <tr key={first}>
              <th scope="row">{rangeText(first, last)}</th>
              <td class="figure">{count(last - first + 1)}</td>
              <td class="figure">{duration(waitedMs)}</td>
              <td class="figure">{duration(givesUpInMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const rangeText = (first: number, last: number): string =>
  first === last ? `${first}` : `${first} – ${last}`;
