/** The daemon as the API tells of it. */
import { z } from "zod";
import { plugin } from "./plugin.ts";

export const attention = z.object({
  severity: z.enum(["error", "warn", "info"]),
  about: z.string(),
  plugin: z.string().nullable(),
  message: z.string(),
  command: z.string().nullable(),
});

export const readiness = z.object({ ready: z.boolean(), reasons: z.array(z.string()) });

export const gap = z.object({
  first: z.number(),
  last: z.number(),
  waitedMs: z.number(),
  givesUpInMs: z.number(),
});

const hostFiles = z.object({
  host: z.string(),
  sha256: z.string().nullable().describe("of the plugin's files; null: it has no such file"),
  changedAt: z.string().nullable().describe("when the youngest of them was changed"),
});

export const status = z.object({
  version: z.string(),
  pid: z.number(),
  startedAt: z.string(),
  now: z.string(),
  ready: readiness,
  attention: z.array(attention).describe("worst first"),
  site: z.object({
    url: z.string(),
    state: z.enum(["never", "connected", "unreachable"]),
    since: z.string().nullable(),
    lastAnswerAt: z.string().nullable(),
    lastAnswerMs: z.number().nullable(),
    lastError: z.string().nullable(),
    failures: z.number().describe("questions that failed since the last answer"),
    answers: z.number(),
    failedQuestions: z.number(),
  }),
  reader: z.object({
    position: z.number().describe("highest event id seen"),
    generation: z.number(),
    events: z.number().describe("appended since the start"),
    newestAt: z.string().nullable().describe("created_at of the newest event seen since the start"),
    lagMs: z.number().nullable().describe("from the newest event's creation until it was read"),
    catchingUp: z.boolean(),
    diskFull: z.boolean(),
    lateEvents: z.number(),
    givenUpIds: z.number(),
    openGaps: z.number(),
    restored: z.object({ at: z.string(), lastCommonId: z.number() }).nullable(),
  }),
  journal: z.object({
    firstSeq: z.number(),
    lastSeq: z.number(),
    bytes: z.number(),
    maxBytes: z.number(),
  }),
  plugins: z.array(plugin).describe("of all hosts, in strict order, then those whose file is gone"),
  folderProblems: z.array(z.string()),
  cluster: z
    .object({
      host: z.string().describe("name of this host"),
      reader: z.string().nullable().describe("the host that reads the site"),
      database: z.string().describe("where it is; no user, no password"),
      awaySince: z.string().nullable().describe("since when it has not answered; null while it does"),
      readOnlySince: z
        .string()
        .nullable()
        .describe(
          "since when it answers, but takes nothing: a standby, or set read-only; null while it does",
        ),
      leaseMs: z.number(),
      takeOvers: z
        .number()
        .describe("leases that this host took from one that was not heard of, since its start"),
      fenced: z.number().describe("leases that it lost to another, since its start"),
      hosts: z.array(
        z.object({
          name: z.string(),
          labels: z.array(z.string()),
          weight: z.number(),
          version: z.string(),
          url: z.string().nullable().describe("of its control API"),
          leaving: z.boolean(),
          plugins: z.number().describe("how many it runs"),
          startedAt: z.string().nullable().describe("null: it has not said yet, as are the next two"),
          takeOvers: z.number().nullable(),
          fenced: z.number().nullable(),
        }),
      ),
      plugins: z
        .array(
          z.object({
            id: z.string().describe("of its lane; its path while no host ever ran it"),
            path: z.string(),
            host: z.string().nullable().describe("null: none does at the moment"),
            epoch: z.number().describe("counts those who ran it"),
            waitsFor: z
              .union([z.literal("files"), z.object({ label: z.string() })])
              .nullable()
              .describe("why no host can run it: none has the files that it ran with last, or the label"),
            here: z
              .string()
              .nullable()
              .describe(
                "where this host has its file, so that it does not take it over while another has it; null: at `path`",
              ),
            files: z.object({
              ran: hostFiles.nullable().describe("what it runs with, or ran with last"),
              others: z.array(hostFiles).describe("hosts that have others"),
            }),
          }),
        )
        .describe("who runs which plugin"),
    })
    .nullable()
    .describe("all hosts, as this one sees them; null for a daemon that is alone"),
  alerts: z
    .array(
      z.object({
        name: z.string(),
        place: z.string(),
        state: z.enum(["ok", "failing"]),
        failingSince: z.string().nullable(),
        lastError: z.string().nullable(),
        waiting: z.number().describe("cases that its receivers are yet to be told of"),
        sent: z.number().describe("messages that were accepted since the start"),
        sentByKind: z.record(z.string(), z.number()).describe("alerts in them, by kind"),
      }),
    )
    .describe("where alerts go, and how that works"),
});

export const sample = z.object({
  at: z.string().describe("end of the minute"),
  read: z.number().describe("events appended in this minute"),
  calls: z.number().describe("calls of callbacks in this minute"),
  backlog: z.number().describe("events that waited for the plugin furthest behind"),
  lagMs: z
    .number()
    .nullable()
    .describe(
      "age of the oldest event that waited for a plugin that is not paused, or how long the site had not answered; null: unknown",
    ),
  siteMs: z.number().nullable().describe("the site's last answer took; null while it is away"),
});

export const lastHour = z.object({
  id: z.string().describe("of its lane"),
  calls: z.array(z.number()).describe("a minute each, oldest first; the last minute is under way"),
});

export const pluginSample = z.object({
  at: z.string().describe("end of the minute"),
  calls: z.number().describe("calls of its callbacks in this minute"),
  p50Ms: z.number().nullable().describe("of those calls; null when there were none"),
  p95Ms: z.number().nullable(),
  backlog: z.number().describe("events that waited for it"),
});
