/** The plugins of a soak: each writes nine bytes an event, the last of which says whether it was marked as redelivered. */
export const LINE = 9;
export const MARK = "r";
export const TYPESCRIPT = 20;
export const PYTHON = 10;
export const PLUGINS = TYPESCRIPT + PYTHON;

/** What the daemon calls plugin number i. */
export function nameOf(i: number): string {
  return `soak${i}`;
}

/** File name of plugin number i. */
export function fileOf(i: number): string {
  return `${nameOf(i)}.${i < TYPESCRIPT ? "ts" : "py"}`;
}

/** `version` makes the file another one, which reloads it; a broken one throws at its first event. */
export function sourceOf(i: number, version: number, isBroken = false): string {
  return i < TYPESCRIPT ? typescript(i, version, isBroken) : inPython(i, version, isBroken);
}

function typescript(i: number, version: number, isBroken: boolean): string {
  return `// version ${version}
import { openSync, writeSync } from "node:fs";
import type { Registrar } from "callsheet";

const file = openSync(\`\${process.env.RECORDS}/${i}\`, "a");

export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("script", "key", (_sg, _logger, event) => {
    ${isBroken ? 'throw new Error("broken for a while");' : ""}
    writeSync(file, \`\${String(event.id).padStart(8, "0")}\${event.redelivered ? "${MARK}" : "\\n"}\`);
  });
}
`;
}

/** What comes again is told to its logger: the dicts of events say nothing of it. */
function inPython(i: number, version: number, isBroken: boolean): string {
  return `# version ${version}
import logging
import os

file = os.open(os.path.join(os.environ["RECORDS"], "${i}"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
again = set()

class Again(logging.Handler):
    def emit(self, record):
        if "comes again" in record.msg:
            again.add(record.args[0])

logging.getLogger("plugin.${nameOf(i)}").addHandler(Again())

def on_event(sg, logger, event, args):
${isBroken ? '    raise ValueError("broken for a while")\n' : ""}    os.write(file, b"%08d%s" % (event["id"], b"${MARK}" if event["id"] in again else b"\\n"))

def registerCallbacks(reg):
    reg.registerCallback("script", "key", on_event)
`;
}
