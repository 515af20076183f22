/** `callsheet plugins` and `callsheet plugin NAME`. */
import type { Command } from "commander";
import type { PluginDetailView, PluginView, StatusView } from "../../server/views.ts";
import { type Common, operatorCommand, print, printJson, tellStopped, withControl } from "./command.ts";
import type { Control } from "./control.ts";
import { pluginInFull, pluginTable } from "./plugin-rows.ts";

const PLUGINS_HELP = `
Examples:
  callsheet plugins
  callsheet plugins --json | jq -r '.plugins[] | select(.backlog > 1000) | .name'`;

const PLUGIN_HELP = `
Examples:
  callsheet plugin notify
  callsheet plugin notify --json`;

export function pluginsCommand(): Command {
  return operatorCommand("plugins", "all plugins: state, how far behind, how fast", PLUGINS_HELP).action(
    async (options: Common) => {
      await withControl(options, true, async (control) => {
        const reply = await control.get<{ plugins: PluginView[] }>("/plugins");
        if (options.json) return printJson(reply);
        tellStopped(control);
        print(pluginTable(reply.plugins));
      });
    },
  );
}

export function pluginCommand(): Command {
  return operatorCommand(
    "plugin",
    "one plugin: callbacks, durations, last calls, its failure with the stack",
    PLUGIN_HELP,
  )
    .argument("<plugin>", "its file's name without the ending")
    .action(async (name: string, options: Common) => {
      await withControl(options, true, async (control) => {
        const plugin = await control.get<PluginDetailView>(`/plugins/${encodeURIComponent(name)}`);
        if (options.json) return printJson(plugin);
        tellStopped(control);
        print(pluginInFull(plugin, await whyUnplaced(control, plugin)));
      });
    });
}

/** What status says of a plugin that no host of the cluster runs; null: one does. */
async function whyUnplaced(control: Control, { name, activity }: PluginView) {
  if (activity !== "unplaced") return null;
  const { attention } = await control.get<StatusView>("/status");
  return attention.find(({ plugin }) => plugin === name) ?? null;
}
