/** From what the daemon knows to what the API tells. */
import type { z } from "zod";
import { CALL_BUCKETS_MS } from "../call-times.ts";
import type { Answers } from "../daemon/answers/answers.ts";
import { attentionOf, readinessOf } from "../daemon/answers/attention.ts";
import { describeCallback } from "../daemon/describe-callback.ts";
import type { CallbackInfo } from "../daemon/host.ts";
import type { LaneDetail, LaneStatus } from "../daemon/lane-status.ts";
import type { DaemonStatus } from "../daemon/status.ts";
import type { callback, plugin, pluginDetail } from "./shapes/plugin.ts";
import type { gap, status } from "./shapes/status.ts";

export type PluginView = z.input<typeof plugin>;
export type StatusView = z.input<typeof status>;
export type PluginDetailView = z.input<typeof pluginDetail>;

/** Those that run, in strict order, then those whose file is gone. */
export async function pluginViews(answers: Answers): Promise<PluginView[]> {
  const lanes = await answers.plugins();
  return Promise.all(lanes.map((lane) => pluginView(lane, answers)));
}

async function pluginView(lane: LaneStatus, answers: Answers): Promise<PluginView> {
  const { callbacks, ...rest } = lane;
  const { nextEventId, ageMs } = await answers.backlog(lane);
  const { id, name, path, language, host, gone, activity, since, doneSeq, backlog, inHand, calls, busyMs } =
    rest;
  const { p50Ms, p95Ms, lastDeliveredAt, redelivered, failures, failure, loadError, retrying } = rest;
  const { paused, reloads, failedLoads, restarts } = rest;
  return {
    ...{
      id,
      name,
      path,
      language,
      host,
      gone,
      activity,
      since,
      callbacks: callbacks.length,
      doneSeq,
      backlog,
    },
    ...{ nextEventId, backlogAgeMs: ageMs, inHand, calls, busyMs, p50Ms, p95Ms, lastDeliveredAt },
    ...{ redelivered, failures, failure, loadError, retrying, paused, reloads, failedLoads, restarts },
  };
}

/** @param detail null when the plugin does not run */
export async function pluginDetailView(
  lane: LaneStatus,
  detail: LaneDetail | null,
  answers: Answers,
): Promise<PluginDetailView> {
  return {
    ...(await pluginView(lane, answers)),
    callbackList: lane.callbacks.map(callbackView),
    epoch: detail?.epoch ?? null,
    emails: emailsView(detail?.emails ?? true),
    modules: detail?.modules.map(({ path, sha256 }) => ({ path, sha256 })) ?? [],
    loadMs: detail?.loadMs ?? null,
    buckets: [...CALL_BUCKETS_MS],
    times: Object.fromEntries(
      Object.entries(detail?.times ?? {}).map(([key, times]) => [
        key,
        { ...times, counts: [...times.counts] },
      ]),
    ),
    recent: [...(detail?.recent ?? [])],
  };
}

function emailsView(emails: LaneDetail["emails"]): boolean | string[] {
  return typeof emails === "boolean" ? emails : [...emails];
}

function callbackView(info: CallbackInfo): z.input<typeof callback> {
  const { name, key, scriptName, matchEvents, stopOnError, retry, timeoutMs } = info;
  const wants = describeCallback(info).slice(`${name}: `.length);
  return { name, key, scriptName, wants, matchEvents, stopOnError, retry, timeoutMs };
}

export async function statusView(
  status: DaemonStatus,
  answers: Answers,
  { version }: { version: string },
): Promise<StatusView> {
  const { startedAt, journal, cluster, folderProblems, alerts } = status;
  const { site, reader } = status.reading ?? status;
  const { gaps, gapTimeoutMs: _, ...rest } = reader;
  return {
    version,
    pid: process.pid,
    startedAt,
    now: new Date().toISOString(),
    ready: readinessOf(status),
    attention: attentionOf(status),
    site,
    reader: { ...rest, openGaps: gaps.length },
    journal,
    plugins: await pluginViews(answers),
    folderProblems,
    cluster: clusterView(cluster),
    alerts,
  };
}

function clusterView(cluster: DaemonStatus["cluster"]): StatusView["cluster"] {
  if (!cluster) return null;
  const hosts = cluster.hosts.map(({ labels, ...host }) => ({ ...host, labels: [...labels] }));
  return { ...cluster, hosts };
}

export function gapsView({ gaps, gapTimeoutMs }: DaemonStatus["reader"]): z.input<typeof gap>[] {
  return gaps.map(({ first, last, waitedMs }) => {
    return { first, last, waitedMs, givesUpInMs: Math.max(0, gapTimeoutMs - waitedMs) };
  });
}
