/** A small HTTP proxy: CONNECT tunnels only. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface Proxy extends AsyncDisposable {
  port: number;
  tunnels: { to: string; authorization: string | undefined }[];
}

/** @param refusal an HTTP status to answer every CONNECT with */
export async function openProxy(refusal?: number): Promise<Proxy> {
  const tunnels: Proxy["tunnels"] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, reply) => reply.writeHead(405).end());
  server.on("connect", (request, socket: Socket, head: Buffer) => {
    if (refusal !== undefined) return socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
    const to = request.url ?? "";
    tunnels.push({ to, authorization: request.headers["proxy-authorization"] });
    const [host = "", port] = to.split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on("error", () => {});
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
