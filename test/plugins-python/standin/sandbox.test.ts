/** Every method of the stand-in on a real site, from a real python process. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openHttpTransport } from "../../../src/client/http.ts";
import { openSandbox } from "../../../src/sandbox/open.ts";
import { run } from "../../plugins/room.ts";
import { withoutPython } from "../python.ts";
import { PythonRoom } from "../room.ts";

const source = readFileSync(new URL("./every_method.py", import.meta.url), "utf8");

test.skipIf(withoutPython).each(["direct", "cloud"] as const)(
  "every method works on a site, files by the way %s",
  { timeout: 120_000 },
  async (uploads) => {
    const site = await openSandbox({ uploads });
    const transport = openHttpTransport();
    const room = await PythonRoom.open({
      transport,
      site: { url: site.url, timeoutMs: 20_000, httpProxy: null, caCerts: null },
    });
    try {
      const args = { script: [site.scriptName, site.scriptKey], person: [site.login, site.password] };
      const { host, heard } = await room.load(
        "every_method.py",
        `${source}
def registerCallbacks(reg):
    args = ${JSON.stringify(args)}
    reg.registerCallback(*args["script"], on, None, args)
`,
      );
      host.hand(run(1, 1));
      await heard.until(({ doneSeq, failures }) => doneSeq === 1 || failures.length > 0);
      expect(heard.failures.map(({ error }) => error.stack)).toEqual([]);
      expect(heard.messages).toEqual(["not called: none"]);
    } finally {
      await room.close();
      await transport.close();
      await site.close();
    }
  },
);
