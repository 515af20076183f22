/** The way of an event, and how each stage of it is: the site, the journal, the plugins. */
import type { ComponentChildren } from "preact";
import type { Activity, Plugin, Status } from "../api/shapes.ts";
import { ago, compact, count, duration } from "../format.ts";
import { EventLink } from "./event-link.tsx";
import { PluginLink } from "./plugin-link.tsx";

export function Stages({ status }: { status: Status }) {
  return (
    <ol class="stages">
      <Site status={status} />
      <Journal status={status} />
      <Plugins plugins={status.plugins} />
    </ol>
  );
}

function Site({ status: { site, now } }: { status: Status }) {
  const tone = { never: "idle", connected: "good", unreachable: "bad" }[site.state];
  return (
    <Stage name="Site" tone={tone} value={site.state === "never" ? "not asked yet" : site.state}>
      {site.lastAnswerAt
        ? `answered ${ago(site.lastAnswerAt, now)}, in ${duration(site.lastAnswerMs)}`
        : "no answer yet"}
      <br />
      {site.failures > 0 ? `${count(site.failures)} questions failed since` : hostOf(site.url)}
    </Stage>
  );
}

function Journal({ status: { reader, ready, now } }: { status: Status }) {
  const { newestAt, position, lagMs, openGaps, catchingUp } = reader;
  return (
    <Stage
      name="Newest event"
      tone={!ready.ready ? "bad" : catchingUp ? "warn" : "good"}
      value={newestAt ? ago(newestAt, now) : "none since the start"}
    >
      {newestAt ? (
        <>
          <EventLink id={position} />, read {duration(lagMs)} after it was made
        </>
      ) : (
        `the last one before has id ${position}`
      )}
      <br />
      {openGaps === 0 ? (
        "no id is missing"
      ) : (
        <a href="/gaps">{openGaps === 1 ? "1 open gap" : `${compact(openGaps)} open gaps`}</a>
      )}
    </Stage>
  );
}

/** Nobody runs it, or it does not go on by itself. */
const STANDING: readonly Activity[] = ["failed", "unloadable", "waiting", "unplaced"];

function Plugins({ plugins }: { plugins: readonly Plugin[] }) {
  const there = plugins.filter(({ gone }) => !gone);
  const standing = there.filter(({ activity }) => STANDING.includes(activity));
  const furthest = there.toSorted((a, b) => b.backlog - a.backlog)[0];
  const waits = furthest !== undefined && furthest.backlog > 0;
  return (
    <Stage
      name="Plugins"
      tone={standing.length > 0 ? "bad" : there.length === 0 ? "idle" : "good"}
      value={
        standing.length === 0 ? `${there.length} at work` : `${standing.length} of ${there.length} stopped`
      }
    >
      {waits ? (
        <>
          <PluginLink name={furthest.name} /> is furthest behind
        </>
      ) : there.length === 0 ? (
        "no plugin file is in the folders yet"
      ) : (
        "no event waits"
      )}
      <br />
      {waits && `${compact(furthest.backlog)} events, ${duration(furthest.backlogAgeMs)}`}
    </Stage>
  );
}

interface StageProps {
  name: string;
  tone: string;
  value: string;
  children: ComponentChildren;
}

function Stage({ name, tone, value, children }: StageProps) {
  return (
    <li class={`panel stage ${tone}`}>
      <h2>{name}</h2>
      <p class={`mark ${tone}`}>{value}</p>
      <p class="quiet">{children}</p>
    </li>
  );
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
