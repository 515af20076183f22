/** Whether a daemon with this configuration would work: the site, the state folder, every plugin. Nothing is changed. */
import { basename, join, relative } from "node:path";
import { openHttpTransport } from "../client/http.ts";
import { Shotgun } from "../client/shotgun.ts";
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import { checkAlerts } from "./check-alerts.ts";
import { checkCluster } from "./check-cluster.ts";
import { checkScripts } from "./check-scripts.ts";
import { checkState } from "./check-state.ts";
import { deadKeys } from "./dead-keys.ts";
import { describeCallback } from "./describe-callback.ts";
import type { PluginFile } from "./host.ts";
import { loadPlugins, type PluginLoad } from "./load-plugins.ts";
import { siteConnection } from "./to-site.ts";

/** One line of the answer. */
export interface Finding {
  status: "ok" | "warn" | "fail";
  /** `site`, `credentials`, `plugin notify`. */
  what: string;
  detail: string;
  /** What to do about it; null when there is nothing to do. */
  cure: string | null;
}

/** Looks at everything, also after something failed. Takes no longer than the configured timeouts. */
export async function checkSetup(config: Config): Promise<Finding[]> {
  const transport = openHttpTransport(siteConnection(config));
  try {
    const [site, state, cluster, alerts, plugins] = await Promise.all([
      checkSite(config, transport),
      checkState(config.state, config.cluster !== undefined),
      config.cluster ? checkCluster(config.cluster, config.state) : [],
      checkAlerts(config.alerts),
      checkPlugins(config, transport),
    ]);
    const file = { status: "ok", what: "configuration", detail: config.file, cure: null } as const;
    return [file, ...site, state, ...cluster, ...alerts, ...plugins];
  } finally {
    await transport.close();
  }
}

async function checkSite({ site }: Config, transport: Transport): Promise<Finding[]> {
  const { url, scriptName, scriptKey, timeout: timeoutMs } = site;
  const once = { gatewayAttempts: 1, tlsAttempts: 1, busyAttempts: 1 };
  const sg = new Shotgun(url, { scriptName, scriptKey, timeoutMs, transport, retry: once });
  try {
    const { version } = await sg.info();
    const reached = {
      status: "ok",
      what: "site",
      detail: `${url}, version ${version.join(".")}`,
      cure: null,
    } as const;
    return [reached, await checkEventLog(sg, scriptName)];
  } catch (error) {
    return [failed("site", error)];
  } finally {
    await sg.close();
  }
}

async function checkEventLog(sg: Shotgun, scriptName: string): Promise<Finding> {
  const what = "credentials";
  try {
    const order = [{ field_name: "id", direction: "desc" as const }];
    const newest = await sg.findOne("EventLogEntry", [], ["event_type"], { order });
    if (newest) return ok(what, `script ${scriptName} reads the event log; newest event ${newest.id}`);
    return {
      status: "warn",
      what,
      detail: `script ${scriptName} may log in, but sees no event at all`,
      cure: "On a site with events: give the script the permission to see EventLogEntry.",
    };
  } catch (error) {
    return failed(what, error);
  }
}

async function checkPlugins(config: Config, transport: Transport): Promise<Finding[]> {
  const { loads, problems } = await loadPlugins(config, transport);
  const findings = [...problems.map((problem) => failed("plugin folder", problem)), ...loads.map(checkLoad)];
  if (findings.length === 0) return [noPlugins(config)];
  const files = loads.map(({ file }) => file);
  return [...findings, ...(await checkScripts(config, loads, transport)), ...nobodys(config, files)];
}

function checkLoad({ file, callbacks, runtime, error }: PluginLoad): Finding {
  const what = `plugin ${file.name}`;
  if (error) {
    const finding = failed(what, error);
    return error.code === "PLUGIN_NO_REGISTER" ? { ...finding, status: "warn" } : finding;
  }
  const below = runtime === null ? "" : `\n${runtime}`;
  const [dead] = deadKeys(callbacks);
  if (dead)
    return { status: "warn", what, detail: dead + below, cure: "Name each event type that it wants." };
  if (callbacks.length > 0) return ok(what, callbacks.map(describeCallback).join("; ") + below);
  return {
    status: "warn",
    what,
    detail: `registers no callback${below}`,
    cure: "Call reg.registerCallback in registerCallbacks.",
  };
}

/** Settings for plugins that are not there: most likely a name that was mistyped. */
function nobodys({ python, plugins, cluster }: Config, files: readonly PluginFile[]): Finding[] {
  const names = (folder: string | null) =>
    files.flatMap(({ path, folder: index }) =>
      folder === null || plugins[index] === folder ? [basename(path)] : [],
    );
  const stray = (key: string, said: object, known: readonly string[]): Finding[] =>
    Object.keys(said)
      .filter((name) => !known.includes(name))
      .map((name) => ({
        status: "warn",
        what: key,
        detail: `${name} is no plugin there`,
        cure: "Correct the name, or take it out.",
      }));
  return [
    ...stray("python.plugins", python.plugins, names(null)),
    ...stray(
      "cluster.runsOn",
      cluster?.runsOn ?? {},
      files.map(({ name }) => name),
    ),
    ...Object.entries(python.folders).flatMap(([folder, own]) =>
      stray(`python.folders["${folder}"].plugins`, own.plugins, names(folder)),
    ),
  ];
}

function noPlugins({ plugins, file }: Config): Finding {
  const folders = plugins.map((folder) => relative(join(file, ".."), folder) || folder).join(", ");
  return {
    status: "warn",
    what: "plugins",
    detail: `no plugin in ${folders}`,
    cure: "Put a plugin file there; it is found while the daemon runs.",
  };
}

function ok(what: string, detail: string): Finding {
  return { status: "ok", what, detail, cure: null };
}

function failed(what: string, thrown: unknown): Finding {
  const error = asError(thrown);
  return {
    status: "fail",
    what,
    detail: error.message,
    cure: (error instanceof CallsheetError && error.hint) || null,
  };
}
