/** One replay: how far it is, what it would write or where it failed, and what can be done about it. */
import { useEffect, useState } from "preact/hooks";
import { useAnswer } from "../api/answer.ts";
import { onUpdate } from "../api/live.ts";
import type { CaughtWrite, Replay, ReplayDetail } from "../api/shapes.ts";
import { count, dateAndTime, duration } from "../format.ts";
import { Deed } from "../parts/deed.tsx";
import { Differences } from "../parts/difference.tsx";
import { EventLink } from "../parts/event-link.tsx";
import { Figure } from "../parts/figure.tsx";
import { Pending } from "../parts/pending.tsx";
import { PluginLink } from "../parts/plugin-link.tsx";
import { ReplayMark } from "../parts/replays.tsx";
import { Stack } from "../parts/stack.tsx";
import { type Column, Table } from "../parts/table.tsx";

const PAGE = 100;

export function ReplayPage({ name: id }: { name: string }) {
  const path = `/replays/${encodeURIComponent(id)}`;
  const { answer: replay, refusal, again } = useAnswer<ReplayDetail>(path);
  useEffect(
    () =>
      onUpdate(({ happenings }) => {
        if (happenings.some((each) => each.kind === "replay")) again();
      }),
    [],
  );
  if (!replay) return <Pending refusal={refusal} what={`replay ${id}`} />;
  const { plugin, dryRun, first, last, operator, state } = replay;
  const resumable = state !== "running" && state !== "finished";
  return (
    <>
      <h1>
        {dryRun ? "Dry run" : "Replay"} {id} of <PluginLink name={plugin} /> <ReplayMark replay={replay} />
      </h1>
      <p class="quiet">
        Events {first} to {last}, asked for by {operator.by} at {dateAndTime(operator.at)}
        {operator.why && `: ${operator.why}`}
      </p>
      <Progress replay={replay} />
      <p class="deeds">
        {state === "running" && (
          <Deed
            label="Stop"
            path={`${path}/stop`}
            says={`${plugin} finishes the event in hand; the replay can be resumed after it.`}
          />
        )}
        {resumable && (
          <Deed
            label="Resume"
            path={`${path}/resume`}
            says={`The replay goes on after event ${replay.doneId}, with the code of ${plugin} as it is now.`}
          />
        )}
      </p>
      {replay.problem && <Problem replay={replay} />}
      <Failures replay={replay} />
      {dryRun && <Writes path={path} total={replay.counts.writes} />}
    </>
  );
}

function Progress({ replay }: { replay: ReplayDetail }) {
  const { first, last, doneId, counts, dryRun, inHand, retrying } = replay;
  const done = Math.min(1, Math.max(0, (doneId - first + 1) / (last - first + 1)));
  return (
    <>
      <progress aria-label="Part of the range that is done" max={1} value={done}>
        {Math.floor(done * 100)} %
      </progress>
      <dl class="figures">
        <Figure
          name="Done"
          value={`${Math.floor(done * 100)} %`}
          note={`up to event ${Math.max(doneId, 0)}`}
        />
        <Figure name="Events" value={count(counts.events)} note={`${count(counts.matched)} matched`} />
        <Figure
          name="Failed"
          value={count(counts.failed)}
          note={`${count(counts.skipped)} skipped by the plugin`}
        />
        {dryRun && <Figure name="Writes" value={count(counts.writes)} note="caught" />}
      </dl>
      {retrying && (
        <p class="panel">
          {retrying.callback} failed on event <EventLink id={retrying.eventId} /> and is called again.
        </p>
      )}
      {inHand && inHand.forMs > 5000 && (
        <p class="panel">
          {inHand.callback} has been at event <EventLink id={inHand.eventId ?? 0} /> for{" "}
          {duration(inHand.forMs)}.
        </p>
      )}
    </>
  );
}

function Problem({ replay: { problem } }: { replay: Replay }) {
  if (!problem) return null;
  return (
    <article class="panel failure error">
      <h2>
        Stopped{problem.eventId !== null && " at event "}
        {problem.eventId !== null && <EventLink id={problem.eventId} />} <code>{problem.code}</code>
      </h2>
      <p class="message">{problem.message}</p>
      {(problem.callback || problem.hint) && <p class="quiet">{problem.hint ?? problem.callback}</p>}
      {problem.stack && <Stack text={problem.stack} />}
    </article>
  );
}

type Failed = ReplayDetail["failures"][number];

const COLUMNS: Column<Failed>[] = [
  { label: "Event", cell: ({ failure }) => <EventLink id={failure.eventId} /> },
  {
    label: "What",
    cell: ({ kind }) => <span class={`mark ${kind === "failed" ? "bad" : "warn"}`}>{kind}</span>,
  },
  { label: "Callback", cell: ({ failure }) => failure.callback },
  { label: "Message", text: "message", cell: ({ failure }) => failure.message },
];

function Failures({ replay: { failures } }: { replay: ReplayDetail }) {
  if (failures.length === 0) return null;
  return (
    <section>
      <h2>It went on after</h2>
      <Table
        columns={COLUMNS}
        rows={failures}
        keyOf={({ failure }) => `${failure.eventId}${failure.callback}${failure.at}`}
      />
    </section>
  );
}

/** The first ones, and more when they are asked for. */
function Writes({ path, total }: { path: string; total: number }) {
  const [limit, setLimit] = useState(PAGE);
  const { answer, again } = useAnswer<{ writes: CaughtWrite[] }>(`${path}/writes?limit=${limit}`);
  useEffect(again, [total]);
  const writes = answer?.writes ?? [];
  return (
    <section>
      <h2>What it would write</h2>
      {total === 0 && <p class="quiet">Nothing so far.</p>}
      <Differences writes={writes} />
      {writes.length < total && (
        <p class="deeds">
          {limit < 500 ? (
            <button type="button" onClick={() => setLimit(500)}>
              Show more
            </button>
          ) : (
            <span class="quiet">`callsheet replays show` prints all {count(total)}.</span>
          )}
        </p>
      )}
    </section>
  );
}
