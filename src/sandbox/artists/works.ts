/** The kinds of work. Each does nothing when the studio has nothing for it at the moment. */
import { setTimeout as pause } from "node:timers/promises";
import type { BatchRequest } from "../../client/write.ts";
import type { EntityLink } from "../../event.ts";
import type { Work } from "./characters.ts";
import type { Desk } from "./desk.ts";
import { create, day, find, look, ref, remark, update } from "./desk.ts";

export const WORKS: Record<Work, (desk: Desk) => Promise<void>> = {
  move,
  publish,
  review,
  note,
  answer,
  assign,
  reschedule,
  shot: addShot,
  import: importShots,
  tidy,
};

const NEXT_STATUS: Record<string, string> = { wtg: "rdy", rdy: "ip", ip: "rev", hld: "rdy" };
const STEPS = ["Layout", "Animation", "FX", "Light", "Comp"];
/** A studio that nobody ends must not grow for ever: with this many shots, none is added. */
const MANY_SHOTS = 120;
/** With no more shots than this, none is retired. */
const FEW_SHOTS = 14;
/** Milliseconds for which a transaction is held back. */
const HOLD_MS = { low: 1000, high: 6000 };

/** A task goes one status further, mostly one of one's own. */
async function move(desk: Desk): Promise<void> {
  const open = ["sg_status_list", "in", Object.keys(NEXT_STATUS)] as const;
  const mine = ["task_assignees", "is", desk.person] as const;
  const fields = ["content", "sg_status_list", "entity"];
  const own = desk.dice.chance(0.85) ? await find(desk, "Task", [open, mine], fields) : undefined;
  const task = own ?? (await find(desk, "Task", [open], fields));
  if (!task) return reopen(desk);
  const sg_status_list = NEXT_STATUS[String(task.sg_status_list)] ?? "ip";
  await update(desk, task, { sg_status_list });
  if (sg_status_list === "rev") await publishFor(desk, task);
}

async function reopen(desk: Desk): Promise<void> {
  const task = await find(desk, "Task", [["sg_status_list", "in", ["fin", "rev"]]], []);
  if (task) await update(desk, task, { sg_status_list: "ip" });
}

async function publish(desk: Desk): Promise<void> {
  const task = await find(desk, "Task", [["sg_status_list", "is", "ip"]], ["content", "entity"]);
  if (task) await publishFor(desk, task);
}

async function publishFor(desk: Desk, task: EntityLink & Record<string, unknown>): Promise<void> {
  const entity = task.entity as EntityLink | null;
  if (!entity) return;
  const before = await look(desk, "Version", [["sg_task", "is", ref(task)]], []);
  const number = String(before.length + 1).padStart(3, "0");
  const frames = desk.dice.between(24, 140);
  await create(desk, "Version", {
    code: `${entity.name}_${String(task.content)}_v${number}`.replaceAll(" ", "_").toLowerCase(),
    entity: ref(entity),
    sg_task: ref(task),
    user: desk.person,
    description: remark(desk),
    sg_first_frame: 1001,
    sg_last_frame: 1000 + frames,
    frame_count: frames,
    frame_range: `1001-${1000 + frames}`,
  });
}

/** A version is approved, and its task done; or it goes back with a note. */
async function review(desk: Desk): Promise<void> {
  const version = await find(desk, "Version", [["sg_status_list", "is", "rev"]], ["sg_task"]);
  if (!version) return note(desk);
  const task = version.sg_task as EntityLink | null;
  const good = desk.dice.chance(0.6);
  await update(desk, version, { sg_status_list: good ? "apr" : "vwd" });
  if (!good) await noteOn(desk, version);
  if (task) await update(desk, task, { sg_status_list: good ? "fin" : "ip" });
}

async function note(desk: Desk): Promise<void> {
  const version = await find(desk, "Version", [], []);
  if (version) await noteOn(desk, version);
}

async function noteOn(desk: Desk, version: EntityLink): Promise<void> {
  const content = remark(desk);
  const subject = content.split(/[.,;!?]/, 1)[0];
  await create(desk, "Note", { subject, content, user: desk.person, note_links: [ref(version)] });
}

/** An open note is worked on, then closed. */
async function answer(desk: Desk): Promise<void> {
  const found = await find(desk, "Note", [["sg_status_list", "in", ["opn", "ip"]]], ["sg_status_list"]);
  if (found) await update(desk, found, { sg_status_list: found.sg_status_list === "opn" ? "ip" : "clsd" });
}

async function assign(desk: Desk): Promise<void> {
  const task = await find(desk, "Task", [["sg_status_list", "in", ["wtg", "rdy"]]], []);
  const people = await desk.sg.find("HumanUser", [["sg_status_list", "is", "act"]], [], {
    signal: desk.signal,
  });
  const person = desk.dice.pick(people);
  if (task && person) await update(desk, task, { task_assignees: [ref(person)] });
}

/** Several tasks get new dates in one batch. */
async function reschedule(desk: Desk): Promise<void> {
  const tasks = await look(desk, "Task", [["sg_status_list", "in", ["wtg", "rdy", "ip"]]], []);
  const first = desk.dice.between(0, 20);
  const some = tasks.slice(first, first + desk.dice.between(3, 12));
  const due_date = day(desk.dice.between(2, 30));
  await desk.sg.batch(
    some.map(({ type, id }) => ({
      request_type: "update",
      entity_type: type,
      entity_id: id,
      data: { due_date },
    })),
    { signal: desk.signal },
  );
}

async function addShot(desk: Desk): Promise<void> {
  const made = await batchOfShots(desk, 1);
  if (made) await desk.sg.batch(made, { signal: desk.signal });
}

/** A long transaction, whose rows become visible late, or never, when the site runs in this process. */
async function importShots(desk: Desk): Promise<void> {
  const made = await batchOfShots(desk, desk.dice.between(2, 5));
  if (!made) return;
  const held = desk.events?.holdNext();
  const sent = desk.sg.batch(made, { signal: desk.signal });
  if (!held) return void (await sent);
  const settled = sent.then(
    () => {},
    () => {},
  );
  try {
    await pause(desk.dice.between(HOLD_MS.low, HOLD_MS.high), undefined, { signal: desk.signal });
  } finally {
    if (desk.dice.chance(0.25)) held.abandon();
    else held.release();
    await settled;
  }
}

async function batchOfShots(desk: Desk, count: number): Promise<BatchRequest[] | undefined> {
  const shots = await desk.sg.find("Shot", [["project", "is", desk.project]], ["code"], {
    limit: MANY_SHOTS,
    signal: desk.signal,
  });
  const sequence = await find(desk, "Sequence", [], ["code"]);
  if (!sequence || shots.length >= MANY_SHOTS) return undefined;
  const codes = new Set(shots.map(({ code }) => code));
  const made: BatchRequest[] = [];
  for (let number = 10; made.length < count; number += 10) {
    const code = `${sequence.code}_${String(number).padStart(4, "0")}`;
    if (codes.has(code)) continue;
    const cut = desk.dice.between(24, 120);
    const data = { project: desk.project, code, sg_sequence: ref(sequence), sg_cut_duration: cut };
    made.push({ request_type: "create", entity_type: "Shot", data });
  }
  return made;
}

/** Shots without tasks get them; where there are many, an old one is retired, or a retired one comes back. */
async function tidy(desk: Desk): Promise<void> {
  const shots = await look(desk, "Shot", [], ["tasks"]);
  const bare = shots.find(({ tasks }) => Array.isArray(tasks) && tasks.length === 0);
  if (bare) return giveTasks(desk, bare);
  const { sg, project, signal } = desk;
  const options = { retiredOnly: true, limit: 10, signal };
  const retired = await sg.find("Shot", [["project", "is", project]], [], options);
  const missed = desk.dice.chance(0.3) ? desk.dice.pick(retired) : undefined;
  const old = shots.length > FEW_SHOTS ? desk.dice.pick(shots.slice(-10)) : undefined;
  if (missed) await sg.revive("Shot", missed.id, { signal });
  else if (old) await sg.delete("Shot", old.id, { signal });
  else await reopen(desk);
}

async function giveTasks(desk: Desk, shot: EntityLink): Promise<void> {
  const { sg, project, signal } = desk;
  const steps = await sg.find("Step", [["entity_type", "is", "Shot"]], ["code"], { signal });
  const requests = STEPS.map((content): BatchRequest => {
    const step = steps.find(({ code }) => code === content);
    const data = { project, content, entity: ref(shot), step: step ? ref(step) : null };
    return { request_type: "create", entity_type: "Task", data };
  });
  await sg.batch(requests, { signal });
}
