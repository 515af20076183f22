/** Plugins misbehave, and their files are edited, broken, taken away. */
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, later, type World } from "./fault.ts";

const WILD = ["wild", "wild-py"];
const EDITED = ["edited", "edited-py"];
const MISCHIEF = ["throw", "throw", "hang", "spin", "exit", "leak", "stray"];
let version = 0;

export const pluginFaults: Fault[] = [
  {
    name: "mischief",
    weight: 5,
    inject(world) {
      const plugin = world.dice.pick(WILD)!;
      const kind = world.dice.pick(MISCHIEF)!;
      const ms = world.dice.between(500, 5000);
      const file = join(world.studio.folder, "mischief", plugin);
      writeFileSync(file, kind);
      later(world, ms, () => rmSync(file, { force: true }));
      return `${plugin}: ${kind} for ${ms} ms`;
    },
  },
  {
    name: "plugin edited",
    weight: 3,
    inject({ dice, studio }) {
      const plugin = dice.pick([...EDITED, ...WILD])!;
      version += 1;
      studio.writePlugin(plugin, version);
      return `${plugin} was edited`;
    },
  },
  awhile("plugin broken", "does not parse", (file) => writeFileSync(file, "def class (:\n")),
  awhile("plugin removed", "is not there", (file) => rmSync(file, { force: true })),
  awhile("plugin unreadable", "cannot be read", (file) => {
    rmSync(file, { force: true });
    symlinkSync(file, file);
  }),
];

/** One of the edited plugins is in a bad way for some seconds. */
function awhile(name: string, words: string, spoil: (file: string) => void): Fault {
  return {
    name,
    weight: 1,
    inject(world: World) {
      const plugin = world.dice.pick(EDITED)!;
      const ms = world.dice.between(500, 5000);
      const file = world.studio.pluginFile(plugin);
      spoil(file);
      later(world, ms, () => {
        rmSync(file, { force: true });
        world.studio.writePlugin(plugin);
      });
      return `${plugin} ${words} for ${ms} ms`;
    },
  };
}
