/** The connections of a process: all clients with the same proxy and certificates use one transport. */
import type { HttpTransportOptions } from "./http.ts";
import { oneWay } from "./one-way.ts";
import type { Transport } from "./transport.ts";

interface Shared {
  transport: Promise<Transport>;
  users: number;
}

const shared = new Map<string, Shared>();

/** The shared transport; the caller must `close` it once, and the last one to do so really does. */
export async function shareTransport({
  httpProxy,
  caCerts,
}: Pick<HttpTransportOptions, "httpProxy" | "caCerts">): Promise<Transport> {
  const only = oneWay();
  if (only) return { ...methodsOf(only), close: async () => {} };
  const key = JSON.stringify([httpProxy, caCerts]);
  const entry = shared.get(key) ?? { transport: open({ httpProxy, caCerts }), users: 0 };
  shared.set(key, entry);
  entry.users++;
  const leave = async () => {
    entry.users--;
    if (entry.users > 0) return;
    if (shared.get(key) === entry) shared.delete(key);
    await (await entry.transport).close();
  };
  try {
    const transport = await entry.transport;
    let open = true;
    return {
      ...methodsOf(transport),
      close: async () => {
        if (!open) return;
        open = false;
        await leave();
      },
    };
  } catch (error) {
    shared.delete(key);
    throw error;
  }
}

function methodsOf(transport: Transport): Pick<Transport, "send" | "stream"> {
  return {
    send: (request, options) => transport.send(request, options),
    ...(transport.stream && { stream: (request, options) => transport.stream!(request, options) }),
  };
}

// Loaded only when needed: a plugin thread brings its own transport and never loads the HTTP library.
async function open(options: HttpTransportOptions): Promise<Transport> {
  const { openHttpTransport } = await import("./http.ts");
  return openHttpTransport(options);
}
