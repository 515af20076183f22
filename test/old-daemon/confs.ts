/** Configurations of the Python daemon for the tests. */

/** Every required option, with nothing that is not required. */
export const SMALLEST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  daemon: {
    pidFile: "/var/log/sg/daemon.pid",
    eventIdFile: "/var/log/sg/daemon.id",
    logMode: "0",
    logging: "20",
    logFile: "/var/log/sg/daemon",
    conn_retry_sleep: "60",
    max_conn_retries: "5",
    fetch_interval: "5",
  },
  shotgun: {
    server: "https://studio.shotgunstudio.com",
    name: "eventDaemon",
    key: "841c9a51bf45",
    use_session_uuid: "True",
  },
  plugins: { paths: "/usr/local/sg/plugins" },
  emails: { enabled: "False" },
};

/** The text of `SMALLEST` with changes: an option with `null` is left out, and a section that is null too. */
export function confText(changes: Record<string, Record<string, string | null> | null> = {}): string {
  const names = new Set([...Object.keys(SMALLEST), ...Object.keys(changes)]);
  const lines: string[] = [];
  for (const section of names) {
    if (changes[section] === null) continue;
    lines.push(`[${section}]`);
    for (const [name, value] of Object.entries({ ...SMALLEST[section], ...changes[section] })) {
      if (value !== null) lines.push(`${name}: ${value}`);
    }
    lines.push("");
  }
  return lines.join("\n");
}
