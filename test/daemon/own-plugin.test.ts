import { expect, test } from "vitest";
import { doOwn, type OwnParts } from "../../src/daemon/cluster/own-plugin.ts";

const SINCE = "2026-11-20T08:00:00.000Z";

function parts(): OwnParts & { cluster: { awaySince: string | null; readOnlySince: string | null } } {
  return {
    cluster: { awaySince: null, readOnlySince: null },
    lane: { name: "notify" },
    ...{ action: "pause", patienceMs: 0 },
  };
}

test("what is being stored when the database goes away is neither waited for without an end, nor denied", async () => {
  const { cluster, ...rest } = parts();
  const stored = Promise.withResolvers<void>();
  const done = doOwn({ cluster, ...rest }, (begin) => {
    begin();
    cluster.awaySince = SINCE;
    return stored.promise;
  });
  await expect(done).rejects.toMatchObject({
    code: "COMMAND_UNANSWERED",
    message: `The database of the cluster has not answered since ${SINCE}, while the pause of notify was stored: it is not known yet whether it is done.`,
  });
  stored.resolve();
});

test("what had not begun by then never begins", async () => {
  const { cluster, ...rest } = parts();
  const turn = Promise.withResolvers<void>();
  let changed = false;
  const works: Promise<void>[] = [];
  const done = doOwn({ cluster, ...rest }, (begin) => {
    cluster.readOnlySince = SINCE;
    const work = turn.promise.then(() => {
      begin();
      changed = true;
    });
    works.push(work);
    return work;
  });
  const refusal = await done.catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    code: "STATE_UNUSABLE",
    message: expect.stringMatching(/nothing was done\.$/),
  });
  cluster.readOnlySince = null;
  turn.resolve();
  await expect(works[0]).rejects.toBe(refusal);
  expect(changed).toBe(false);
});

test("a database that is back in time is waited for", async () => {
  const { cluster, ...rest } = parts();
  const done = doOwn({ cluster, ...rest, patienceMs: 60_000 }, async (begin) => {
    begin();
    cluster.awaySince = SINCE;
    cluster.awaySince = null;
    return "done";
  });
  expect(await done).toBe("done");
});
