import { describe, expect, test } from "vitest";
import { type Fields, link, type Row, Studio } from "./studio.ts";
import { eventsOf, titles } from "./written.ts";

/** Monday, May 4, 2026 and on. */
const day = (n: number) => `2026-05-${String(n).padStart(2, "0")}`;
const TWO_DAYS = 960;

function chain(fields: Fields = {}) {
  const studio = new Studio();
  const make = (content: string, more: Fields = {}) =>
    studio.make("Task", { content, start_date: day(4), duration: TWO_DAYS, ...more });
  const [layout, anim, comp] = [make("Layout"), make("Anim", fields), make("Comp")];
  const wait = (task: Row, on: Row, more: Fields = {}) =>
    studio.create("TaskDependency", { task: link(task), dependent_task: link(on), ...more });
  const dates = (...tasks: Row[]) =>
    tasks.map((task) => {
      const { start_date, due_date } = studio.get(task, "start_date", "due_date");
      return [start_date, due_date];
    });
  return { studio, make, layout, anim, comp, wait, dates };
}

describe("tasks that wait for others", () => {
  test("a dependency moves the task behind the one it waits for, over the weekend", () => {
    const { layout, anim, comp, wait, dates } = chain();
    wait(anim, layout);
    wait(comp, anim);
    expect(dates(layout, anim, comp)).toEqual([
      [day(4), day(5)],
      [day(6), day(7)],
      [day(8), day(11)],
    ]);
  });

  test("a moved task takes all behind it along, each told once", () => {
    const { studio, layout, anim, comp, wait, dates } = chain();
    wait(anim, layout);
    wait(comp, anim);
    wait(comp, layout);
    const events = eventsOf(studio, () => studio.update(layout, { start_date: day(5) }));
    expect(dates(layout, anim, comp)).toEqual([
      [day(5), day(6)],
      [day(7), day(8)],
      [day(11), day(12)],
    ]);
    expect(titles(events)).toEqual(
      [layout, anim, comp].flatMap(() => ["Shotgun_Task_Change start_date", "Shotgun_Task_Change due_date"]),
    );
    expect(events.map(({ entity }) => (entity as Row).id)).toEqual(
      [layout, anim, comp].flatMap(({ id }) => [id, id]),
    );
    studio.update(layout, { duration: 480 });
    expect(dates(anim)).toEqual([[day(6), day(7)]]);
  });

  test.each([
    ["start-to-start", 0, [day(5), day(6)]],
    ["start-to-start", 1, [day(6), day(7)]],
    ["finish-to-finish", 0, [day(7), day(8)]],
    ["start-to-finish-next-day", 0, [day(5), day(6)]],
    ["finish-to-start-next-day", 1, [day(12), day(13)]],
    ["finish-to-start-next-day", -1, [day(8), day(11)]],
  ])("%s, %d days on", (dependency_type, offset_days, expected) => {
    const { studio, layout, anim, wait, dates } = chain();
    studio.update(layout, { start_date: day(5), due_date: day(8), duration: 1920 });
    wait(anim, layout, { dependency_type, offset_days });
    expect(dates(anim)).toEqual([expected]);
  });

  test("a pinned task stays and says that it is violated; unpinned, it moves", () => {
    const { studio, layout, anim, wait, dates } = chain({ pinned: true });
    wait(anim, layout);
    expect(dates(anim)).toEqual([[day(4), day(5)]]);
    expect(studio.get(anim, "dependency_violation").dependency_violation).toBe(true);
    studio.update(anim, { start_date: day(6) });
    expect(studio.get(anim, "dependency_violation").dependency_violation).toBe(false);
  });

  test("tasks without dates, and tasks that wait for each other, are left in peace", () => {
    const { studio, layout, anim, wait, dates } = chain();
    const idle = studio.make("Task", { content: "Idle" });
    wait(idle, layout);
    expect(dates(idle)).toEqual([[null, null]]);
    wait(anim, layout);
    wait(layout, anim);
    studio.update(layout, { start_date: day(18) });
    expect(dates(layout)).toEqual([[day(18), day(19)]]);
  });
});
