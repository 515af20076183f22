/** A client as most tests want it: no real pauses; what it would have waited is kept. */
import { Shotgun, type ShotgunOptions } from "callsheet/client";

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
  const sg = new Shotgun(url, { scriptName: "test script", scriptKey: KEY, pause, ...options });
  return { sg, pauses, [Symbol.asyncDispose]: () => sg.close() };
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
