/** Failures, the same trouble as one; those where a plugin stands now come first, with what to do about them. */
import { useAnswer } from "../api/answer.ts";
import { status } from "../api/live.ts";
import type { FailureGroup } from "../api/shapes.ts";
import { ago, count, visible } from "../format.ts";
import { Deed } from "../parts/deed.tsx";
import { EventLink } from "../parts/event-link.tsx";
import { Pending } from "../parts/pending.tsx";
import { RetryDeed, SkipDeed } from "../parts/plugin-deeds.tsx";
import { PluginLink } from "../parts/plugin-link.tsx";
import { SourceLines } from "../parts/source.tsx";
import { Stack } from "../parts/stack.tsx";

export function Failures() {
  const { answer, refusal } = useAnswer<{ groups: FailureGroup[] }>("/failures");
  if (!answer) return <Pending refusal={refusal} what="the failures" />;
  const open = answer.groups.filter(canGoOn);
  return (
    <>
      <h1>Failures</h1>
      {answer.groups.length === 0 && (
        <p class="quiet">No callback has failed, as far back as the journal goes.</p>
      )}
      {open.length > 1 && <ForAll open={open} />}
      {answer.groups.map((group) => (
        <Group key={`${group.fingerprint}${group.lane}`} group={group} />
      ))}
    </>
  );
}

/** It stands there now, and its file is there. */
function canGoOn({ open, lane }: FailureGroup): boolean {
  return open && !status.value?.plugins.find(({ id }) => id === lane)?.gone;
}

function ForAll({ open }: { open: readonly FailureGroup[] }) {
  const plugins = open.map(({ plugin }) => plugin).toSorted();
  const stopped = open.flatMap(({ plugin, events }) => {
    const at = events.find((event) => event.open && event.eventId > 0);
    return at ? [[plugin, at.eventId] as const] : [];
  });
  return (
    <div class="deeds">
      <Deed
        label={`Retry all ${open.length}`}
        plugins={plugins}
        action="retry"
        says={`${plugins.join(", ")}: each starts again where it stopped.`}
      />
      {stopped.length > 1 && (
        <Deed
          label={`Skip all ${stopped.length} events`}
          plugins={stopped.map(([plugin]) => plugin)}
          action="skip"
          eventId={Object.fromEntries(stopped)}
          dangerous
          says={`Never given: ${stopped.map(([plugin, id]) => `event ${id} to ${plugin}`).join(", ")}. The ledger keeps that you skipped them, and why. The events after them follow at once.`}
        />
      )}
    </div>
  );
}

function Group({ group }: { group: FailureGroup }) {
  const { plugin, callback, code, message, stack, source, events, open } = group;
  const now = status.value?.now ?? group.lastAt;
  const at = events.find((event) => event.open);
  return (
    <article class={`panel failure ${open ? "error" : ""}`}>
      <h2>
        <PluginLink name={plugin} />
        {callback ? ` · ${callback}` : ""} <code>{code}</code>
      </h2>
      <p class="message">{visible(message)}</p>
      <p class="quiet">
        {group.count === 1 ? "Once" : `${count(group.count)} times`}, last {ago(group.lastAt, now)}
        {group.count > 1 && `, first ${ago(group.firstAt, now)}`}
        {events.length > 0 && (events.length === 1 ? "; event " : "; events ")}
        {events.map(({ eventId }, index) => (
          <span key={eventId}>
            {index > 0 && ", "}
            <EventLink id={eventId} />
          </span>
        ))}
        ; group <code>{group.fingerprint}</code>
      </p>
      {(stack || source) && (
        <details open={open}>
          <summary>Where</summary>
          {source && <SourceLines source={source} />}
          {stack && <Stack text={stack} />}
        </details>
      )}
      <div class="deeds">
        <RetryDeed plugin={plugin} offered={canGoOn(group)} />
        <SkipDeed plugin={plugin} eventId={at?.eventId ?? 0} offered={canGoOn(group)} />
      </div>
    </article>
  );
}
