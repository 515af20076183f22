/** What can be done about a plugin as it stands; nothing about one whose file is gone. */
import type { Plugin } from "../api/shapes.ts";
import { AdoptDeed } from "./adopt-deed.tsx";
import { Deed } from "./deed.tsx";
import { MoveDialog } from "./move-dialog.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";

/** All of it. */
export function PluginDeeds({ plugin }: { plugin: Plugin }) {
  const { name, activity, gone } = plugin;
  const isPaused = activity === "paused";
  return (
    <div class="deeds">
      <FirstDeeds plugin={plugin} />
      <Deed
        label="Pause"
        plugins={[name]}
        action="pause"
        offered={!gone && !isPaused}
        says={`${name} finishes its event in hand; its events then wait until it is resumed, also over restarts.`}
      />
      <Deed
        label="Reload"
        plugins={[name]}
        action="reload"
        offered={!gone && !isPaused}
        says={`${name} gets a fresh host with the code as it is now, after its event in hand.`}
      />
      {!gone && <MoveDialog plugin={name} isPaused={isPaused} />}
      {!gone && <ReplayDialog plugin={name} />}
    </div>
  );
}

/** What gets it going again; nothing when it goes. */
export function FirstDeeds({ plugin }: { plugin: Plugin }) {
  const { name, activity, failure, gone } = plugin;
  const stands = activity === "failed" || activity === "retrying" || activity === "unloadable";
  return (
    <>
      <Deed
        label="Resume"
        plugins={[name]}
        action="resume"
        offered={!gone && activity === "paused"}
        says={`${name} goes on with the first of the events that wait.`}
      />
      <RetryDeed plugin={name} offered={!gone && stands} />
      <SkipDeed plugin={name} eventId={failure?.eventId ?? 0} offered={!gone && activity === "failed"} />
      <AdoptDeed plugin={plugin} />
    </>
  );
}

export function RetryDeed({ plugin, offered }: { plugin: string; offered: boolean }) {
  return (
    <Deed
      label="Retry"
      plugins={[plugin]}
      action="retry"
      offered={offered}
      says={`${plugin} starts again where it stopped.`}
    />
  );
}

/** @param eventId 0: it stands at none */
export function SkipDeed({
  plugin,
  eventId,
  offered,
}: {
  plugin: string;
  eventId: number;
  offered: boolean;
}) {
  return (
    <Deed
      label="Skip the event"
      plugins={[plugin]}
      action="skip"
      eventId={eventId}
      dangerous
      offered={offered && eventId > 0}
      says={`Event ${eventId} is never given to ${plugin}; the ledger keeps that you skipped it, and why. The events after it follow at once.`}
    />
  );
}
