/** How programs that may read the state folder find the server and prove that they may: `server.json` in it. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface ServerAddress {
  url: string;
  /** For this run of the daemon. */
  token: string;
  pid: number;
  startedAt: string;
}

const NAME = "server.json";

export function writeAddress(state: string, address: ServerAddress): void {
  const file = join(state, NAME);
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}

/** null when there is none, or none that can be read. */
export function readAddress(state: string): ServerAddress | null {
  try {
    const address = JSON.parse(readFileSync(join(state, NAME), "utf8")) as ServerAddress;
    return typeof address.url === "string" && typeof address.token === "string" ? address : null;
  } catch {
    return null;
  }
}

/** Unless it is another run's by now. */
export function removeAddress(state: string, { token }: ServerAddress): void {
  if (readAddress(state)?.token === token) rmSync(join(state, NAME), { force: true });
}
