/** What people do on the site in a day. Everything else on it is the plugins' work. */
import { Shotgun } from "../../../src/client/shotgun.ts";
import type { Studio } from "./studio.ts";

export type Day = Awaited<ReturnType<typeof workADay>>;

export async function workADay({ site, sandbox, quiet }: Pick<Studio, "site" | "sandbox" | "quiet">) {
  await site.schemaFieldCreate("HumanUser", "date_time", "Last Seen");
  const project = await site.create("Project", { name: "Lighthouse" });
  const person = { firstname: "Ada", lastname: "Moreau", login: "ada", email: "ada@studio.example" };
  const ada = await site.create("HumanUser", person);
  const sequence = await site.create("Sequence", { project, code: "SQ010" });
  const shot = await site.create("Shot", { project, code: "SQ010_0010", sg_sequence: sequence });
  const step = await site.findOne("Step", [["code", "is", "Animation"]], ["code"]);
  const task = await site.create("Task", { project, entity: shot, content: "anim", step });
  const take = { entity: shot, sg_task: task, code: "SQ010_0010_anim_v001", sg_status_list: "rev" };
  const version = await site.create("Version", { project, ...take });
  await quiet();

  site.setSessionUuid("0a1b2c3d-the-browser-of-ada");
  await site.update("Task", task.id, { task_assignees: [ada] });
  await site.update("Task", task.id, { sg_status_list: "fin" });
  site.setSessionUuid(null);
  const cut = (data: Record<string, number>) =>
    ({ request_type: "update", entity_type: "Shot", entity_id: shot.id, data }) as const;
  await site.batch([cut({ sg_cut_in: 1001 }), cut({ sg_cut_out: 1048 })]);
  for (const duration of [60, 90])
    await site.create("TimeLog", { project, entity: task, duration, date: "2026-11-02" });
  const words = { subject: "look", content: "brighter", note_links: [shot], user: ada };
  const note = await site.create("Note", { project, ...words });
  const { login, password } = sandbox;
  await using producer = new Shotgun(sandbox.url, { login, password });
  await producer.getSessionToken();
  const logIn = await site.findOne("HumanUser", [["login", "is", login]]);
  return { project, ada, sequence, shot, task, version, note, producer: logIn! };
}
