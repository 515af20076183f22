/** All plugins in a table: what each is doing, how far behind it is, how long its calls take. */
import { refusal, status } from "../api/live.ts";
import type { Plugin } from "../api/shapes.ts";
import { compact, duration } from "../format.ts";
import { ActivityMark, byTrouble } from "../parts/activity.tsx";
import { Pending } from "../parts/pending.tsx";
import { type Column, SortHead, sorted } from "../parts/sorting.tsx";
import { Spark } from "../parts/spark.tsx";
import { address, setQuery } from "../route.ts";

const COLUMNS: Column<Plugin>[] = [
  { key: "name", label: "Plugin", of: ({ name }) => name },
  { key: "state", label: "State", of: ({ activity }) => byTrouble.indexOf(activity) },
  { key: "backlog", label: "Backlog", of: ({ backlog }) => backlog, figure: true },
  { key: "age", label: "Oldest waits", of: ({ backlogAgeMs }) => backlogAgeMs ?? -1, figure: true },
  { key: "calls", label: "Calls", of: ({ calls }) => calls, figure: true },
  { key: "p50", label: "p50", of: ({ p50Ms }) => p50Ms ?? -1, figure: true },
  { key: "p95", label: "p95", of: ({ p95Ms }) => p95Ms ?? -1, figure: true },
];
const FIRST = "state-up";

export function Plugins() {
  if (!status.value) return <Pending refusal={refusal.value} what="the plugins" />;
  const { plugins, folderProblems } = status.value;
  const wanted = address.value.searchParams.get("q") ?? "";
  const shown = plugins.filter(({ name, activity }) =>
    `${name} ${activity}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <>
      <h1>Plugins</h1>
      {folderProblems.map((problem) => (
        <p key={problem} class="trouble">
          {problem}
        </p>
      ))}
      <label class="search">
        Filter
        <input type="search" value={wanted} onInput={(event) => setQuery("q", event.currentTarget.value)} />
      </label>
      {plugins.length === 0 ? (
        <p class="quiet">There is no plugin file in the folders yet. Save one, and it appears here.</p>
      ) : shown.length === 0 ? (
        <p class="quiet">None of the {plugins.length} plugins matches.</p>
      ) : (
        <Table rows={sorted(shown, COLUMNS, FIRST)} />
      )}
    </>
  );
}

function Table({ rows }: { rows: readonly Plugin[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <SortHead key={column.key} column={column} first={FIRST} />
            ))}
            <th scope="col">Last minutes</th>
            <th scope="col">Last error</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ row }: { row: Plugin }) {
  const { name, activity, language, backlog, backlogAgeMs, calls, p50Ms, p95Ms, failure, loadError } = row;
  return (
    <tr>
      <th scope="row">
        <a href={`/plugins/${encodeURIComponent(name)}`}>{name}</a>{" "}
        <small>{language === "python" ? "py" : "ts"}</small>
      </th>
      <td>
        <ActivityMark activity={activity} />
      </td>
      <td class="figure">{compact(backlog)}</td>
      <td class="figure">{duration(backlogAgeMs)}</td>
      <td class="figure">{compact(calls)}</td>
      <td class="figure">{duration(p50Ms)}</td>
      <td class="figure">{duration(p95Ms)}</td>
      <td>
        <Spark plugin={name} />
      </td>
      <td class="cut">{failure?.message ?? loadError?.message ?? ""}</td>
    </tr>
  );
}
