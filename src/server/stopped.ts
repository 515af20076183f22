/** The questions of the API, answered from the state of a daemon that is stopped. */
import Fastify, { type FastifyInstance } from "fastify";
import { Answers } from "../daemon/answers/answers.ts";
import { StoredReplays } from "../daemon/replay/stored.ts";
import { NEVER_ASKED } from "../daemon/site-contact.ts";
import type { DaemonStatus } from "../daemon/status.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReplayStore } from "../journal/replays.ts";
import { problemOf } from "./problem.ts";
import { addRoutes } from "./route.ts";
import { readingRoutes } from "./routes/reading.ts";
import { replayReadingRoutes } from "./routes/replays.ts";

/** Nothing listens: ask it with `inject`. */
export async function answersOfStopped(
  { journal, replays }: { journal: Journal; replays: ReplayStore | null },
  version: string,
): Promise<FastifyInstance> {
  const answers = new Answers({ journal, replays, lanes: () => [], callsFor: () => [] });
  const status = await statusOfStopped(journal, answers);
  const server = Fastify({ logger: false });
  server.setErrorHandler((thrown, _request, reply) => {
    const { status: code, error } = problemOf(thrown);
    void reply.code(code).send({ error });
  });
  addRoutes(server, [
    ...readingRoutes({ status: () => status, answers, detail: async () => null }, { version }),
    ...replayReadingRoutes(new StoredReplays(replays), answers),
  ]);
  return server;
}

async function statusOfStopped(journal: Journal, answers: Answers): Promise<DaemonStatus> {
  const state = await journal.readerState();
  const { firstSeq, lastSeq, bytes } = journal.head;
  return {
    startedAt: "",
    site: { url: "", ...NEVER_ASKED },
    siteRequests: [],
    reader: {
      position: state?.position ?? 0,
      generation: state?.generation ?? 1,
      events: 0,
      gaps: state?.gaps ?? [],
      gapTimeoutMs: 0,
      lateEvents: 0,
      givenUpIds: 0,
      newestAt: null,
      lagMs: null,
      catchingUp: false,
      diskFull: false,
      restored: null,
    },
    journal: { firstSeq, lastSeq, bytes, maxBytes: Number.MAX_SAFE_INTEGER },
    plugins: await answers.plugins(),
    folderProblems: [],
    alerts: [],
  };
}
