import { CallsheetError } from "../errors.ts";

export function unknownPlugin(wanted: string, plugins: readonly { name: string }[]): CallsheetError {
  const names = plugins.map(({ name }) => name).join(", ");
  return new CallsheetError("PLUGIN_UNKNOWN", `There is no plugin ${JSON.stringify(wanted)}.`, {
    hint: names ? `There are: ${names}.` : "No plugin file was found at all.",
  });
}
