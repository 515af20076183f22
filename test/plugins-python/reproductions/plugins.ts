/** Python plugins that write down what they get, in the folder's file `notes`. */

const NOTE = `import json, os
NOTES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "notes")
def note(name, event, **more):
    with open(NOTES, "a") as notes:
        notes.write(json.dumps(dict(more, file=name, id=event["id"])) + "\\n")
`;

/** @param before statements that come first in the callback, indented by four where they go over several lines */
export function pythonRecorder(name: string, matchEvents = "None", before = "pass"): string {
  return `${NOTE}
def on(sg, logger, event, args):
    ${before}
    note("${name}", event)
def registerCallbacks(reg):
    reg.registerCallback("s", "k", on, ${matchEvents})
`;
}

/** Callbacks `a`, `b`, …, each with a body; `note` and `event` are at hand. */
export function pythonCallbacks(bodies: Record<string, string>, register = ""): string {
  const functions = Object.entries(bodies).map(
    ([name, body]) => `def ${name}(sg, logger, event, args):\n    ${body}\n    note("${name}", event)\n`,
  );
  const calls = Object.keys(bodies).map((name) => `    reg.registerCallback("s", "k", ${name})\n`);
  return `${NOTE}${functions.join("")}def registerCallbacks(reg):\n${calls.join("")}${register}`;
}

/** Waits in the callback until this file is there. */
export const untilThere = (file: string) => `
    import time
    while not os.path.exists(${JSON.stringify(file)}): time.sleep(0.005)`;
