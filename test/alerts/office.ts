/** The alerts of a daemon that is not there: the test says what breaks. */
import { onTestFinished } from "vitest";
import { type Alerts, type AlertsOptions, openAlerts } from "../../src/alerts/alerts.ts";
import type { Break, LookUp } from "../../src/alerts/news.ts";
import { type ConfigInput, configSchema } from "../../src/config.ts";
import { resolveSecrets } from "../../src/config-secrets.ts";
import { TestLog, temporaryFolder } from "../daemon/rig.ts";

type AlertsInput = NonNullable<ConfigInput["alerts"]>;

const SITE = { url: "https://studio.example.com", scriptName: "s", scriptKey: "k" };

/** The section `alerts` as it is when loaded. */
export function alertsConfig(input: AlertsInput): AlertsOptions["config"] {
  return resolveSecrets(configSchema.parse({ site: SITE, alerts: { gather: 20, ...input } }), {}).alerts;
}

export function mailTo(port: number, more: object = {}) {
  return { server: "localhost", port, from: "callsheet@studio.com", to: ["pipeline@studio.com"], ...more };
}

export const NOTHING: LookUp = { event: async () => null, plugin: () => null };

export async function openOffice(
  input: AlertsInput,
  more: Partial<AlertsOptions> = {},
): Promise<{ alerts: Alerts; log: TestLog; state: string }> {
  const log = new TestLog();
  const state = more.state ?? temporaryFolder();
  const alerts = await openAlerts({
    config: alertsConfig(input),
    siteUrl: SITE.url,
    state,
    log,
    secrets: ["s3cret-key"],
    lookUp: NOTHING,
    ...more,
    timing: { patience: 500, retry: { first: 20, most: 50, mostRefused: 50 }, close: 200, ...more.timing },
  });
  onTestFinished(() => alerts.close());
  return { alerts, log, state };
}

export function failure(plugin: string, facts: Partial<Break["facts"]> = {}): Break {
  return {
    kind: "plugin_failed",
    fingerprint: `plugin_failed/${plugin}`,
    plugin,
    emails: true,
    facts: { message: "TypeError: shot is null", code: "CALLBACK_FAILED", callback: "onStatus", ...facts },
  };
}
