/** A request that is asked about at the last moment before it is sent. */
import { expect, onTestFinished, test } from "vitest";
import { openHttpTransport } from "../../src/client/http.ts";
import { openTestSandbox } from "../daemon/rig.ts";

async function asked(mayBegin: () => boolean) {
  const sandbox = await openTestSandbox();
  const transport = openHttpTransport();
  onTestFinished(() => transport.close());
  const request = {
    url: `${sandbox.url}/api3/json`,
    method: "POST" as const,
    headers: {},
    body: JSON.stringify({ method_name: "info", params: [] }),
  };
  return { sandbox, sent: transport.send(request, { timeoutMs: 5000, mayBegin }) };
}

test("that may not be sent any more is withheld: the site sees nothing of it", async () => {
  const { sandbox, sent } = await asked(() => false);
  await expect(sent).rejects.toMatchObject({ failure: "withheld" });
  expect(sandbox.requests.count()).toBe(0);
});

test("that may be sent gets its reply", async () => {
  const { sandbox, sent } = await asked(() => true);
  expect((await sent).status).toBe(200);
  expect(sandbox.requests.count()).toBe(1);
});
