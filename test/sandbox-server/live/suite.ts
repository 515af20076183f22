/** What every class of the official client's live tests shares: its log-ins and its two-step set-up. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";
import { PythonClient } from "./client.ts";
import type { Entity, Filter, Values } from "./query.ts";
import type { Auth } from "./wire.ts";
import { Float } from "./wire.ts";

/** Where the suite runs, and as whom: its configuration file. */
export interface Suite {
  url: string;
  script: { name: string; key: string };
  login: string;
  password: string;
  humanName: string;
  /** Every class logs in as the person, where it would take the script. */
  asHuman: boolean;
}

export type LogIn = "script" | "human" | "session";

/** What `setUpClass` and `setUp` leave for the tests of a class. */
export interface Live {
  suite: Suite;
  sg: PythonClient;
  project: Entity;
  human: Entity;
  asset: Entity;
  version: Entity;
  shot: Entity;
  note: Entity;
  playlist: Entity;
  step: Entity;
  task: Entity;
  storage: Entity;
  /** Another client, closed with the test. */
  connect(auth: Auth): PythonClient;
  scriptAuth: Auth;
  humanAuth: Auth;
}

/** One class of live tests. `suite` is asked when the class begins. */
export function liveClass(name: string, suite: () => Suite, logIn: LogIn, tests: (live: Live) => void): void {
  describe(name, () => {
    const live = {} as Live;
    const open: PythonClient[] = [];
    live.connect = (auth) => {
      const client = new PythonClient(live.suite.url, auth);
      open.push(client);
      return client;
    };
    beforeAll(async () => {
      live.suite = suite();
      const { script, login, password } = live.suite;
      live.scriptAuth = { script_name: script.name, script_key: script.key };
      live.humanAuth = { user_login: login, user_password: password };
      const sg = live.connect(live.suite.asHuman ? live.humanAuth : live.scriptAuth);
      expect((await sg.info()).version).toEqual([8, 80, 0]);
      await setUpClass(live, sg);
    });
    beforeEach(async () => {
      live.sg = live.connect(await authOf(live, logIn));
    });
    afterEach(() => {
      for (const client of open.splice(0)) client.close();
    });
    afterAll(() => {
      for (const client of open.splice(0)) client.close();
    });
    tests(live);
  });
}

async function authOf(live: Live, logIn: LogIn): Promise<Auth> {
  if (logIn === "human" || (logIn === "script" && live.suite.asHuman)) return live.humanAuth;
  if (logIn === "script") return live.scriptAuth;
  const sg = live.connect(live.suite.asHuman ? live.humanAuth : live.scriptAuth);
  return { session_token: await sg.sessionToken() };
}

async function setUpClass(live: Live, sg: PythonClient): Promise<void> {
  const { login, password, humanName } = live.suite;
  const made = (type: string, data: Values, keys: string[]) => findOrCreate(sg, type, data, keys);
  live.project = await made("Project", { name: `Live tests of ${humanName}` }, ["name"]);
  const { project } = live;
  live.human = await made(
    "HumanUser",
    { name: humanName, login, password_proxy: password, locked_until: null },
    ["name"],
  );
  live.asset = await made("Asset", { code: "Live test asset", project }, ["code"]);
  live.version = await made(
    "Version",
    {
      project,
      code: "Live test version",
      entity: live.asset,
      user: live.human,
      sg_frames_aspect_ratio: new Float(13.3),
      frame_count: 33,
    },
    ["code", "project"],
  );
  live.shot = await made("Shot", { code: "Live test shot", project }, ["code", "project"]);
  live.note = await made("Note", { project, user: live.human, content: "anything" }, ["project", "user"]);
  live.playlist = await made("Playlist", { project, code: "Live test playlist" }, ["code", "project"]);
  live.step = await made("Step", { code: "wrapper", entity_type: "Shot" }, ["code", "entity_type"]);
  live.task = await made(
    "Task",
    {
      project,
      entity: live.asset,
      content: "Live test task",
      color: "Black",
      due_date: "1968-10-13",
      task_assignees: [live.human],
      sg_status_list: "ip",
    },
    ["project", "entity", "content"],
  );
  live.storage = await made(
    "LocalStorage",
    {
      code: "live test storage",
      mac_path: "nowhere",
      windows_path: "nowhere",
      linux_path: "nowhere",
    },
    ["code"],
  );
}

async function findOrCreate(sg: PythonClient, type: string, data: Values, keys: string[]): Promise<Entity> {
  const fields = Object.keys(data);
  const filters = keys.map((key): Filter => [key, "is", data[key]]);
  const entity = (await sg.findOne(type, filters, fields)) ?? (await sg.create(type, data, fields));
  expect(Object.keys(entity).sort()).toEqual([...new Set(["type", "id", ...fields])].sort());
  if (type === "HumanUser") expect(entity.password_proxy).toBe("*******");
  return entity;
}

/** `{type, id, name}`, as links read back. */
export function link({ type, id, name, code, content }: Entity): Values {
  return { type, id, name: name ?? code ?? content };
}
