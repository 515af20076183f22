/** All plugins in a table: what each is doing, how late and how busy it is, how long its calls take, what went wrong last. */
import { useMemo } from "preact/hooks";
import { useAnswer } from "../api/answer.ts";
import { refusal, status } from "../api/live.ts";
import type { FailureGroup, Plugin } from "../api/shapes.ts";
import { compact, dateAndTime, duration, rate, visible } from "../format.ts";
import { ActivityMark, byTrouble } from "../parts/activity.tsx";
import { Pending } from "../parts/pending.tsx";
import { PluginLink } from "../parts/plugin-link.tsx";
import { type LastHours, rateOf, Spark, useLastHours } from "../parts/spark.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { address, setQuery } from "../route.ts";

const FIRST = "state-up";

export function Plugins() {
  const hours = useLastHours();
  const { answer: failures } = useAnswer<{ groups: FailureGroup[] }>("/failures");
  const isCluster = (status.value?.cluster ?? null) !== null;
  const columns = useMemo(
    () => columnsOf(hours, newestOf(failures?.groups ?? []), isCluster),
    [hours, failures, isCluster],
  );
  if (!status.value) return <Pending refusal={refusal.value} what="the plugins" />;
  const { plugins, folderProblems } = status.value;
  const wanted = address.value.searchParams.get("q") ?? "";
  const shown = plugins.filter((plugin) =>
    `${plugin.name} ${stateOf(plugin)}`.toLowerCase().includes(wanted.toLowerCase()),
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
        Filter{" "}
        {shown.length === plugins.length ? `all ${plugins.length}` : `${shown.length} of ${plugins.length}`}
        <input
          type="search"
          placeholder="a part of the name, or a state"
          value={wanted}
          onInput={(event) => setQuery("q", event.currentTarget.value)}
        />
      </label>
      {plugins.length === 0 ? (
        <p class="quiet">There is no plugin file in the folders yet. Save one, and it appears here.</p>
      ) : shown.length === 0 ? (
        <p class="quiet">None of the {plugins.length} plugins matches.</p>
      ) : (
        <Table columns={columns} rows={shown} keyOf={({ id }) => id} first={FIRST} />
      )}
    </>
  );
}

const HOST: Column<Plugin> = {
  label: "Host",
  cell: ({ host }) => host ?? "–",
  sort: { key: "host", of: ({ host }) => host ?? "" },
};

function columnsOf(
  hours: LastHours,
  failures: ReadonlyMap<string, FailureGroup>,
  isCluster: boolean,
): Column<Plugin>[] {
  return [
    {
      label: "Plugin",
      cell: ({ name, language }) => (
        <>
          <PluginLink name={name} /> <small>{language === "python" ? "py" : "ts"}</small>
        </>
      ),
      sort: { key: "name", of: ({ name }) => name },
    },
    ...(isCluster ? [HOST] : []),
    {
      label: "State",
      cell: ({ activity, gone }) => <ActivityMark activity={activity} gone={gone} />,
      sort: {
        key: "state",
        of: ({ activity, gone }) => (gone ? byTrouble.length : byTrouble.indexOf(activity)),
      },
    },
    {
      label: "Lag",
      figure: true,
      cell: (plugin) => duration(lagOf(plugin)),
      sort: { key: "lag", of: (plugin) => lagOf(plugin) ?? -1 },
    },
    {
      label: "Backlog",
      figure: true,
      cell: ({ backlog }) => compact(backlog),
      sort: { key: "backlog", of: ({ backlog }) => backlog },
    },
    {
      label: "A minute",
      figure: true,
      cell: ({ id }) => rate(rateOf(hours.get(id))),
      sort: { key: "rate", of: ({ id }) => rateOf(hours.get(id)) ?? -1 },
    },
    { label: "Last hour", cell: ({ id }) => <Spark calls={hours.get(id)} /> },
    {
      label: "p50",
      figure: true,
      cell: ({ p50Ms }) => duration(p50Ms),
      sort: { key: "p50", of: ({ p50Ms }) => p50Ms ?? -1 },
    },
    {
      label: "p95",
      figure: true,
      cell: ({ p95Ms }) => duration(p95Ms),
      sort: { key: "p95", of: ({ p95Ms }) => p95Ms ?? -1 },
    },
    { label: "Last error", text: "cut", cell: (plugin) => lastError(plugin, failures.get(plugin.id)) },
  ];
}

/** Age of the event that it comes to next; live updates may have told meanwhile that there is none. */
const lagOf = ({ backlog, backlogAgeMs }: Plugin): number | null => (backlog > 0 ? backlogAgeMs : null);

/** What it stands at now; else what failed last, and when. */
function lastError({ failure, loadError }: Plugin, before: FailureGroup | undefined) {
  const standing = failure?.message ?? loadError?.message;
  if (standing) return visible(standing);
  return (
    before && (
      <span class="quiet">
        {dateAndTime(before.lastAt)}: {visible(before.message)}
      </span>
    )
  );
}

/** By lane id. */
function newestOf(groups: readonly FailureGroup[]): Map<string, FailureGroup> {
  return new Map(
    groups.toSorted((a, b) => a.lastAt.localeCompare(b.lastAt)).map((group) => [group.lane, group]),
  );
}

const stateOf = ({ activity, gone }: Plugin): string => (gone ? `${activity} gone` : activity);
