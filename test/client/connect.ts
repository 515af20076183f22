/** A client as most tests want it: no real pauses; what it would have waited is kept. */
import { openHttpTransport, Shotgun, type ShotgunOptions } from "callsheet/client";

export const KEY = "a-key+which/must=never%show";

export interface TestClient extends AsyncDisposable {
  sg: Shotgun;
  /** Pauses between attempts, milliseconds. */
  pauses: number[];
}

export function connect(url: string, options: Partial<ShotgunOptions> = {}): TestClient {
  const pauses: number[] = [];
  const pause = async (ms: number) => {
    pauses.push(ms);
  };
  // Holding back is tested by itself; here it would only be real waiting.
  const plain = options.httpProxy === undefined && options.caCerts === undefined;
  const transport = plain ? openHttpTransport({ busyHoldMs: 0 }) : undefined;
  const others = "login" in options || "sessionToken" in options;
  const script = others ? {} : { scriptName: "test script", scriptKey: KEY };
  const sg = new Shotgun(url, { ...script, pause, transport, ...options } as ShotgunOptions);
  return {
    sg,
    pauses,
    [Symbol.asyncDispose]: async () => {
      await sg.close();
      await transport?.close();
    },
  };
}

/** What the promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it should have been rejected");
}
