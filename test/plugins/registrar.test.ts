import { expect, test } from "vitest";
import type { CallsheetError } from "../../src/errors.ts";
import type { Registrar } from "../../src/plugin.ts";
import { GuestLogger } from "../../src/plugins/guest/logger.ts";
import { createRegistrar } from "../../src/plugins/guest/registrar.ts";

function open() {
  return createRegistrar(new GuestLogger("plugin.a", () => {}, "info"));
}

/** What `registerCallback` says to these arguments. */
function refusal(...given: unknown[]): string {
  const { registrar } = open();
  try {
    (registrar.registerCallback as (...args: unknown[]) => void)(...given);
  } catch (error) {
    expect((error as CallsheetError).code).toBe("PLUGIN_REGISTRATION");
    const { message, hint } = error as CallsheetError;
    return hint ? `${message} ${hint}` : message;
  }
  throw new Error("it was accepted");
}

function registered(register: (reg: Registrar) => void) {
  const { registrar, registered } = open();
  register(registrar);
  return registered;
}

function onTask() {}

test("positions and options say the same", () => {
  const args = { any: "object" };
  const { callbacks } = registered((reg) => {
    reg.registerCallback("s", "k", onTask, { Shotgun_Task_Change: ["a"] }, args, false);
    reg.registerCallback({
      scriptName: "s",
      scriptKey: "k",
      callback: onTask,
      matchEvents: { Shotgun_Task_Change: ["a"] },
      args,
      stopOnError: false,
    });
  });
  expect(callbacks[1]).toEqual({ ...callbacks[0], index: 1, key: "onTask#2" });
  expect(callbacks[0]!.args).toBe(args);
});

test("defaults", () => {
  const { callbacks, emails } = registered((reg) => reg.registerCallback("s", "k", onTask));
  expect(emails).toBe(true);
  expect(callbacks[0]).toMatchObject({
    name: "onTask",
    key: "onTask",
    matchEvents: null,
    args: undefined,
    stopOnError: true,
    retry: { attempts: 0, backoffMs: 1000 },
    timeoutMs: null,
  });
});

test("names and keys: bound and anonymous functions, the same name again, a name that looks like a key", () => {
  const { callbacks } = registered((reg) => {
    reg.registerCallback("s", "k", onTask.bind(null));
    reg.registerCallback("s", "k", () => {});
    reg.registerCallback({ scriptName: "s", scriptKey: "k", callback: onTask, name: "onTask#2" });
    reg.registerCallback("s", "k", onTask);
  });
  expect(callbacks.map(({ name, key }) => [name, key])).toEqual([
    ["onTask", "onTask"],
    ["callback 2", "callback 2"],
    ["onTask#2", "onTask#2"],
    ["onTask", "onTask#3"],
  ]);
});

test.each([
  [null, null],
  [undefined, null],
  [{}, null],
  [{ A_Change: null }, { A_Change: null }],
  [{ A_Change: "field" }, { A_Change: "field" }],
  [{ A_Change: [] }, { A_Change: [] }],
  [
    { "*": ["*"], B_New: null },
    { "*": ["*"], B_New: null },
  ],
])("matchEvents %j is understood", (given, expected) => {
  const { callbacks } = registered((reg) => reg.registerCallback("s", "k", onTask, given));
  expect(callbacks[0]!.matchEvents).toEqual(expected);
});

test("matchEvents is copied", () => {
  const fields = ["a"];
  const { callbacks } = registered((reg) => reg.registerCallback("s", "k", onTask, { X: fields }));
  fields.push("b");
  expect(callbacks[0]!.matchEvents).toEqual({ X: ["a"] });
});

test.each([
  [[undefined, "k", onTask], "scriptName is undefined, not a text. If it comes from process.env"],
  [["", "k", onTask], "scriptName is empty."],
  [[" ", "k", onTask], "scriptName is blank."],
  [["s", onTask], "scriptKey is a function, not a text."],
  [["s", ["secret"], onTask], "scriptKey is a list, not a text."],
  [["s", "k"], "callback is undefined, not a function. Pass the function itself"],
  [["s", "k", { call: 1 }], "callback is { call: 1 }, not a function."],
  [["s", "k", onTask, ["Shotgun_Task_Change"]], "matchEvents is [ 'Shotgun_Task_Change' ], not an object."],
  [["s", "k", onTask, "Shotgun_Task_Change"], "matchEvents is 'Shotgun_Task_Change', not an object."],
  [["s", "k", onTask, { A: [1] }], 'matchEvents["A"] is [ 1 ]. Give a list of field names'],
  [["s", "k", onTask, { A: true }], 'matchEvents["A"] is true.'],
  [["s", "k", onTask, null, null, "yes"], "stopOnError is 'yes'. Give true or false."],
  [["s", "k", onTask, null, null, true, 1], "7 arguments were given, and it takes at most 6."],
  [[], "scriptName is undefined"],
])("registerCallback(%j) is refused", (given, expected) => {
  expect(refusal(...given)).toContain(`registerCallback: ${expected}`);
});

test.each([
  [{ filter: {} }, 'there is no option "filter". The options are scriptName, scriptKey, callback'],
  [{ name: "" }, "name is ''."],
  [{ name: 3 }, "name is 3."],
  [{ timeout: "soon" }, "timeout is 'soon'. Give milliseconds or a text such as"],
  [{ timeout: 0 }, "timeout is 0. It must be 1 ms to 24 days."],
  [{ timeout: "30d" }, "timeout is '30d'. It must be 1 ms to 24 days."],
  [{ timeout: -1 }, "timeout is -1."],
  [{ retry: 3 }, "retry is 3. Give { attempts: 3"],
  [{ retry: { attempts: -1 } }, "retry.attempts is -1. Give a whole number"],
  [{ retry: { attempts: 1.5 } }, "retry.attempts is 1.5."],
  [{ retry: { backoff: 3 } }, "retry.attempts is undefined."],
  [{ retry: { attempts: 1, backoff: "x" } }, "retry.backoff is 'x'."],
  [{ retry: { attempts: 1, times: 2 } }, "there is no option retry.times."],
])("the options %j are refused", (options, expected) => {
  const whole = { scriptName: "s", scriptKey: "k", callback: onTask, ...options };
  expect(refusal(whole)).toContain(`registerCallback: ${expected}`);
});

test("no refusal shows a credential", () => {
  const said = [
    refusal("my-secret", 3, onTask),
    refusal({ scriptName: "my-secret", scriptKey: "my-secret", callback: 1 }),
    refusal("https://studio.example", "name", "my-secret", onTask),
    refusal({ scriptName: ["my-secret"], scriptKey: { key: "my-secret" }, callback: onTask }),
  ];
  for (const text of said) expect(text).not.toContain("my-secret");
});

test("durations may be texts", () => {
  const { callbacks } = registered((reg) =>
    reg.registerCallback({
      scriptName: "s",
      scriptKey: "k",
      callback: onTask,
      timeout: "1.5m",
      retry: { attempts: 3, backoff: "500ms" },
    }),
  );
  expect(callbacks[0]).toMatchObject({ timeoutMs: 90_000, retry: { attempts: 3, backoffMs: 500 } });
});

test.each([
  [[true], true],
  [[false], false],
  [["a@b.c"], ["a@b.c"]],
  [
    ["a@b.c", "d@e.f", "a@b.c"],
    ["a@b.c", "d@e.f"],
  ],
])("setEmails(%j)", (given, expected) => {
  expect(registered((reg) => reg.setEmails(...given)).emails).toEqual(expected);
});

test.each([
  [[], "setEmails: no argument was given."],
  [["nobody"], "setEmails: 'nobody' is not an address."],
  [["a@b.c", true], "setEmails: true is not an address."],
  [[undefined], "setEmails: undefined is not an address."],
])("setEmails(%j) is refused", (given, expected) => {
  expect(() => registered((reg) => reg.setEmails(...(given as string[])))).toThrow(expected);
});

test("after registerCallbacks has finished, nothing can be registered", () => {
  const { registrar, close } = open();
  close();
  expect(() => registrar.registerCallback("s", "k", onTask)).toThrow("after registerCallbacks had finished");
  expect(() => registrar.setEmails(true)).toThrow("setEmails: it was called after");
});

test("runsOn names the label of its host, and refuses what is none", () => {
  expect(registered(() => {}).runsOn).toBeNull();
  expect(registered((reg) => reg.runsOn("render")).runsOn).toBe("render");
  for (const wrong of ["", "two words", 3, undefined])
    expect(() => registered((reg) => reg.runsOn(wrong as string))).toThrow("is not a label.");
});

test("the registrar has exactly the documented members, and they cannot be replaced", () => {
  const { registrar } = open();
  expect(Object.keys(registrar)).toEqual(["logger", "getLogger", "setEmails", "runsOn", "registerCallback"]);
  expect(Object.isFrozen(registrar)).toBe(true);
  expect("engine" in registrar).toBe(false);
});
