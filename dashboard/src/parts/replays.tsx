/** A plugin's replays, newest first. */
import { useAnswer } from "../api/answer.ts";
import type { Replay } from "../api/shapes.ts";
import { count, dateAndTime } from "../format.ts";

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

export function Replays({ plugin }: { plugin: string }) {
  const { answer } = useAnswer<{ replays: Replay[] }>(
    `/replays?limit=10&plugin=${encodeURIComponent(plugin)}`,
  );
  if (!answer || answer.replays.length === 0) return null;
  return (
    <section>
      <h2>Replays</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Number</th>
              <th scope="col">State</th>
              <th scope="col">Events</th>
              <th scope="col" class="figure">
                Matched
              </th>
              <th scope="col">Who</th>
            </tr>
          </thead>
          <tbody>
            {answer.replays.map((replay) => {
              const { id, dryRun, first, last, counts, operator } = replay;
              return (
                <tr key={id}>
                  <td>
                    <a href={`/replays/${id}`}>{`${id}${dryRun ? ", dry run" : ""}`}</a>
                  </td>
                  <td>
                    <ReplayMark replay={replay} />
                  </td>
                  <td>
                    {first} to {last}
                  </td>
                  <td class="figure">{count(counts.matched)}</td>
                  <td>
                    {operator.by}, {dateAndTime(operator.at)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
