/** Whether the scripts that plugins use may log in, and see what the plugins are called for. */
import { Shotgun } from "../client/shotgun.ts";
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { Finding } from "./check.ts";
import type { PluginLoad } from "./load-plugins.ts";

interface UsedScript {
  name: string;
  key: string;
  /** Names of plugins. */
  plugins: string[];
  /** Entity types of the events that they are called for; such an entity is most likely read. */
  types: string[];
}

/** One line for each script; of the configuration's own only what its plugins need beyond the event log. */
export async function checkScripts(
  config: Config,
  loads: readonly PluginLoad[],
  transport: Transport,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const script of scriptsOf(loads)) findings.push(await checkScript(config, script, transport));
  return findings;
}

async function checkScript({ site }: Config, script: UsedScript, transport: Transport): Promise<Finding> {
  const what = `script ${script.name}`;
  const used = `used by ${script.plugins.join(", ")}`;
  const once = { gatewayAttempts: 1, tlsAttempts: 1, busyAttempts: 1 };
  const { name: scriptName, key: scriptKey, types } = script;
  const sg = new Shotgun(site.url, {
    scriptName,
    scriptKey,
    timeoutMs: site.timeout,
    transport,
    retry: once,
  });
  try {
    // without a type to ask for, any question tells whether it may log in
    if (types.length === 0) await sg.findOne("ApiUser", []);
    const unseen: string[] = [];
    for (const type of types) if (!(await sees(sg, type))) unseen.push(type);
    const seen = types.filter((type) => !unseen.includes(type));
    const detail = `may log in${seen.length > 0 ? `, sees ${seen.join(", ")}` : ""}; ${used}`;
    if (unseen.length === 0) return { status: "ok", what, detail, cure: null };
    const cure =
      "If the site has some: give the script's permission group the right to see them. Else: look at the plugin's matchEvents.";
    return { status: "warn", what, detail: `${detail}; sees no ${unseen.join(", ")}`, cure };
  } catch (thrown) {
    return refused(what, used, asError(thrown));
  } finally {
    await sg.close();
  }
}

/** A site that does not know the type, or refuses the question, shows none of it either. */
async function sees(sg: Shotgun, type: string): Promise<boolean> {
  try {
    return (await sg.findOne(type, [])) !== null;
  } catch (error) {
    if (error instanceof CallsheetError && error.code === "SITE_FAULT") return false;
    throw error;
  }
}

function refused(what: string, used: string, error: Error): Finding {
  const known = error instanceof CallsheetError ? error : null;
  const cure =
    known?.code === "SITE_AUTHENTICATION"
      ? "Look at name and key in the plugin, or where it takes them from, and at the site's Scripts page."
      : (known?.hint ?? null);
  return { status: "fail", what, detail: `${error.message.replace(/\.$/, "")}; ${used}`, cure };
}

/** By name and key: the same name with two keys is two. */
function scriptsOf(loads: readonly PluginLoad[]): UsedScript[] {
  const scripts = new Map<string, UsedScript>();
  for (const { file, callbacks } of loads) {
    for (const { scriptName: name, scriptKey: key = "", matchEvents } of callbacks) {
      const id = JSON.stringify([name, key]);
      const script = scripts.get(id) ?? { name, key, plugins: [], types: [] };
      script.plugins = [...new Set([...script.plugins, file.name])];
      script.types = [...new Set([...script.types, ...typesIn(Object.keys(matchEvents ?? {}))])];
      scripts.set(id, script);
    }
  }
  return [...scripts.values()];
}

/** `Shotgun_Task_Change` is about tasks; `Shotgun_User_Login`, `*` and a studio's own types tell of nothing to read. */
function typesIn(eventTypes: readonly string[]): string[] {
  return eventTypes.flatMap((type) => {
    const [, entity] = /^Shotgun_([A-Za-z]\w*)_(?:New|Change|Retirement|Revival)$/.exec(type) ?? [];
    return entity ? [entity] : [];
  });
}
