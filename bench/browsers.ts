/** Clients of a daemon's live updates, each on a connection of its own and parsing what it is told. Ends when stdin does. */
import { Agent, get } from "node:http";

const [url, count] = [process.argv[2]!, Number(process.argv[3])];
const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
let updates = 0;
let bytes = 0;
let connected = 0;
let over = false;

function follow(): void {
  if (over) return;
  const again = () => !over && setTimeout(follow, 2000).unref();
  get(`${url}/api/v1/live`, { agent, headers: { accept: "text/event-stream" } }, (response) => {
    connected += 1;
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      bytes += part.length;
      const blocks = (text + part).split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const data = block.split("\n").find((line) => line.startsWith("data: "));
        if (data === undefined) continue;
        JSON.parse(data.slice("data: ".length));
        updates += 1;
      }
    });
    response.on("close", again);
  }).on("error", again);
}

for (let i = 0; i < count; i += 1) follow();
process.stdin.resume().on("end", () => {
  over = true;
  console.log(`${connected} connections, ${updates} updates, ${(bytes / 1e6).toFixed(1)} MB`);
  process.exit(0);
});
