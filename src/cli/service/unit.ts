/** The systemd unit of a daemon. */
import { relative, sep } from "node:path";

export interface UnitOptions {
  scope: "user" | "system";
  /** For people. */
  description: string;
  /** Program and first arguments of this Callsheet, absolute. */
  program: readonly string[];
  /** Absolute paths. */
  configFile: string;
  folder: string;
  state: string;
  /** null: no log files; the journal has the lines. */
  logDir: string | null;
  /** Who it runs as; null for that of the user's own manager. */
  user: string | null;
  /** How long a stop waits for callbacks in hand, ms. */
  shutdownTimeoutMs: number;
  /** Exit statuses after which a new start would change nothing. */
  finalStatuses: readonly number[];
}

/** Longest time that a start may take, s, unless the daemon says that it waits. */
export const START_WITHIN_S = 300;

/** By this first line a unit is known as one that may be replaced. */
export const MARK =
  "# Written by `callsheet service install`, which replaces it; changes belong into `systemctl edit`.";

export function unitText(options: UnitOptions): string {
  return `${[MARK, ...unitSection(options), ...serviceSection(options), ...installSection(options)].join("\n")}\n`;
}

function unitSection({ description, scope }: UnitOptions): string[] {
  const network =
    scope === "system" ? ["Wants=network-online.target", "After=network-online.target remote-fs.target"] : [];
  return [
    "[Unit]",
    `Description=${plain(description)}`,
    "Documentation=https://www.npmjs.com/package/callsheet",
    ...network,
    "# five failed starts within ten minutes are enough",
    "StartLimitIntervalSec=600",
    "StartLimitBurst=5",
    "",
  ];
}

function serviceSection(options: UnitOptions): string[] {
  const { program, configFile, folder, user, shutdownTimeoutMs, finalStatuses, scope } = options;
  const command = [...program, "run", "--config", configFile].map(quoted).join(" ");
  return [
    "[Service]",
    "Type=notify",
    "# the daemon speaks through systemd-notify, a process of its own",
    "NotifyAccess=all",
    `ExecStart=${command}`,
    "ExecReload=/bin/kill -HUP $MAINPID",
    `WorkingDirectory=${plain(folder)}`,
    ...(user === null ? [] : [`User=${plain(user)}`]),
    "WatchdogSec=120",
    `TimeoutStartSec=${START_WITHIN_S}`,
    `TimeoutStopSec=${Math.ceil(shutdownTimeoutMs / 1000) + 30}`,
    "Restart=on-failure",
    "RestartSec=5",
    `RestartPreventExitStatus=${finalStatuses.join(" ")}`,
    "# the daemon ends its plugins' processes itself; what is left after it is killed",
    "KillMode=mixed",
    "# one plugin that takes too much memory is that plugin's failure alone",
    "OOMPolicy=continue",
    ...folders(options),
    ...(scope === "system" ? SYSTEM_HARDENING : USER_HARDENING),
    "",
  ];
}

/** Those under /var/lib and /var/log systemd makes itself; others it has to be told of, since much is read-only. */
function folders({ state, logDir, scope }: UnitOptions): string[] {
  if (scope === "user") return [];
  const below = (root: string, path: string) => {
    const inside = relative(root, path);
    return inside !== "" && !inside.startsWith("..") && !inside.startsWith(sep) ? inside : null;
  };
  const lines: string[] = [];
  const add = (setting: string, root: string, path: string, mode: string) => {
    const inside = below(root, path);
    if (inside === null) lines.push(`ReadWritePaths=${quoted(`-${path}`)}`);
    else lines.push(`${setting}=${quoted(inside)}`, `${setting}Mode=${mode}`);
  };
  add("StateDirectory", "/var/lib", state, "0700");
  if (logDir !== null) add("LogsDirectory", "/var/log", logDir, "0755");
  return lines;
}

/** As far as it does not take from plugins what they are there for: shares, homes and the network stay as they are. */
const SYSTEM_HARDENING = [
  "NoNewPrivileges=yes",
  "ProtectSystem=full",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  "ProtectClock=yes",
  "ProtectHostname=yes",
  "ProtectKernelTunables=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelLogs=yes",
  "ProtectControlGroups=yes",
  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
  "SystemCallArchitectures=native",
  "CapabilityBoundingSet=",
];
/** What a user's own manager may ask for. */
const USER_HARDENING = [
  "NoNewPrivileges=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "LockPersonality=yes",
];

function installSection({ scope }: UnitOptions): string[] {
  return ["[Install]", `WantedBy=${scope === "system" ? "multi-user.target" : "default.target"}`];
}

/** One word of a command or of a list of paths. */
function quoted(text: string): string {
  const escaped = plain(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("$", "$$$$");
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

/** A `%` begins a specifier there, and a line ends a setting. */
function plain(text: string): string {
  return text.replaceAll("%", "%%").replaceAll(/[\r\n]+/g, " ");
}
