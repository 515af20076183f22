/** All hosts of a cluster and what each runs, as the host that is asked sees them. */
import { refusal, status } from "../api/live.ts";
import type { Cluster, ClusterHost, ClusterLane, Plugin } from "../api/shapes.ts";
import { ago, count, dateAndTime, duration, timeOfDay } from "../format.ts";
import { ActivityMark } from "../parts/activity.tsx";
import { AdoptDeed } from "../parts/adopt-deed.tsx";
import { Figure } from "../parts/figure.tsx";
import { FilesOf } from "../parts/lane-files.tsx";
import { Pending } from "../parts/pending.tsx";
import { PluginLink } from "../parts/plugin-link.tsx";
import { type Column, Table } from "../parts/table.tsx";

export function ClusterPage() {
  const known = status.value;
  if (!known) return <Pending refusal={refusal.value} what="the cluster" />;
  const { cluster, plugins, now } = known;
  if (!cluster) return <Alone />;
  const lanes = lanesOf(cluster, plugins);
  return (
    <>
      <h1>{headline(cluster)}</h1>
      {cluster.awaySince !== null && (
        <p class="panel failure error">
          The database has not answered since {timeOfDay(cluster.awaySince)}. Nothing is taken over meanwhile;
          plugins pause when their leases have run out, and go on when it answers. What is shown is as of
          then.
        </p>
      )}
      {cluster.readOnlySince !== null && (
        <p class="panel failure error">
          The database takes nothing since {timeOfDay(cluster.readOnlySince)}: it is a standby that was not
          promoted, or default_transaction_read_only is on. Plugins pause when their leases have run out, and
          go on when it takes something again.
        </p>
      )}
      <Figures cluster={cluster} />
      <h2>Hosts</h2>
      <Table columns={hostColumns(cluster, now)} rows={cluster.hosts} keyOf={({ name }) => name} />
      <h2>Plugins</h2>
      {lanes.length === 0 ? (
        <p class="quiet">No plugin has run yet. Save a file in a plugin folder, and a host takes it.</p>
      ) : (
        <Table columns={LANE_COLUMNS} rows={lanes} keyOf={({ lane }) => lane.id} first="host-up" />
      )}
    </>
  );
}

function Alone() {
  return (
    <section class="empty">
      <h1>This daemon is alone</h1>
      <p>
        Its state is on this machine. With <code>cluster</code> in the configuration any number of machines
        share the work, and when one dies the others carry on.
      </p>
    </section>
  );
}

function headline({ hosts, reader, awaySince, readOnlySince }: Cluster): string {
  if (awaySince !== null) return "The database does not answer";
  if (readOnlySince !== null) return "The database takes nothing";
  if (reader === null) return "No host reads the site";
  return hosts.length === 1 ? "1 host" : `${hosts.length} hosts`;
}

function Figures({ cluster }: { cluster: Cluster }) {
  const { hosts, reader, database, awaySince, readOnlySince, leaseMs } = cluster;
  const sum = (of: (host: ClusterHost) => number | null) =>
    count(hosts.reduce((all, host) => all + (of(host) ?? 0), 0));
  return (
    <dl class="figures">
      <Figure name="Reads the site" value={reader ?? "nobody"} note="one host does" />
      <Figure
        name="Database"
        value={
          <span class={awaySince === null && readOnlySince === null ? "good" : "bad"}>
            {awaySince !== null ? "is away" : readOnlySince !== null ? "is read-only" : "answers"}
          </span>
        }
        note={database}
      />
      <Figure name="Lease" value={duration(leaseMs)} note="after it the others take over" />
      <Figure
        name="Take-overs"
        value={sum(({ takeOvers }) => takeOvers)}
        note={`from hosts not heard of; ${sum(({ fenced }) => fenced)} lost`}
      />
    </dl>
  );
}

const hostColumns = ({ host, reader }: Cluster, now: string): Column<ClusterHost>[] => [
  {
    label: "Host",
    cell: ({ name }) => (
      <>
        {name} {name === host && <small>this one</small>}
      </>
    ),
  },
  {
    label: "State",
    cell: ({ leaving }) => (
      <span class={`mark ${leaving ? "warn" : "good"}`}>{leaving ? "is being stopped" : "alive"}</span>
    ),
  },
  { label: "Reads", cell: ({ name }) => (name === reader ? "the site" : "–") },
  { label: "Plugins", figure: true, cell: ({ plugins }) => count(plugins) },
  { label: "Weight", figure: true, cell: ({ weight }) => weight },
  { label: "Labels", cell: ({ labels }) => labels.join(", ") || "–" },
  {
    label: "Take-overs",
    figure: true,
    cell: ({ takeOvers }) => (takeOvers === null ? "–" : count(takeOvers)),
  },
  { label: "Lost", figure: true, cell: ({ fenced }) => (fenced === null ? "–" : count(fenced)) },
  {
    label: "Started",
    cell: ({ startedAt }) =>
      startedAt === null ? "–" : <span title={dateAndTime(startedAt)}>{ago(startedAt, now)}</span>,
  },
  { label: "Version", cell: ({ version }) => version },
  {
    label: "Its page",
    cell: ({ url }) => (url === null ? "–" : <a href={url}>{url.replace(/^https?:\/\//, "")}</a>),
  },
];

/** A plugin, with its lane's lease. */
interface Placed {
  plugin: Plugin;
  lane: ClusterLane;
}

function lanesOf({ plugins: lanes }: Cluster, plugins: readonly Plugin[]): Placed[] {
  const byId = new Map(plugins.filter(({ gone }) => !gone).map((plugin) => [plugin.id, plugin]));
  return lanes.flatMap((lane) => {
    const plugin = byId.get(lane.id);
    return plugin ? [{ plugin, lane }] : [];
  });
}

const LANE_COLUMNS: Column<Placed>[] = [
  {
    label: "Plugin",
    sort: { key: "name", of: ({ plugin }) => plugin.name },
    cell: ({ plugin }) => <PluginLink name={plugin.name} />,
  },
  {
    label: "Host",
    // those that nobody runs first
    sort: {
      key: "host",
      of: ({ lane, plugin }) => `${lane.host === null ? 0 : 1} ${lane.host} ${plugin.name}`,
    },
    cell: ({ lane: { host, waitsFor } }) =>
      host ?? (
        <span class={`mark ${waitsFor === null ? "idle" : "bad"}`}>
          {waitsFor === null ? "none yet" : "none can"}
        </span>
      ),
  },
  { label: "State", cell: ({ plugin }) => <ActivityMark activity={plugin.activity} gone={plugin.gone} /> },
  {
    label: "Epoch",
    figure: true,
    sort: { key: "epoch", of: ({ lane }) => lane.epoch },
    cell: ({ lane }) => count(lane.epoch),
  },
  {
    label: "Backlog",
    figure: true,
    sort: { key: "backlog", of: ({ plugin }) => plugin.backlog },
    cell: ({ plugin }) => count(plugin.backlog),
  },
  {
    label: "Files",
    text: "message",
    cell: ({ lane, plugin }) => (
      <>
        <FilesOf lane={lane} name={plugin.name} />
        <AdoptDeed plugin={plugin} />
      </>
    ),
  },
];
