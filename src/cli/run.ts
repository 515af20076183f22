/** `callsheet run`: follows the site in the foreground until SIGINT or SIGTERM. */
import { Command, Option } from "commander";
import type { Config } from "../config-file.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { OpenLog } from "../log/open.ts";
import { type LogPlace, leaveLogPlace } from "../log/reading/place.ts";
import { failureNotice, nowhere, tellStarter, withLogFiles } from "./background/background.ts";
import { leaveFailure } from "./background/last-failure.ts";
import { exitStatusOf } from "./failure.ts";
import { removePidFile, writePidFile } from "./pid-file.ts";
import { openServiceManager, type ServiceManager } from "./service/manager.ts";
import { tend, tendStart, whileReloading } from "./service/tend.ts";
import { loadSetup, openConfiguredLog } from "./setup.ts";
import { CONFIG_OPTION } from "./start.ts";
import { takeOverAtStart } from "./take-over.ts";
import { aborted, untilSignal } from "./until-signal.ts";

const HELP = `
It stays in the foreground. Ctrl-C or SIGTERM: callbacks in hand finish (at most shutdownTimeout), then it
ends with status 0; a second one ends it at once. A failure ends it with status 1, a wrong configuration with 78.

Examples:
  callsheet run
  callsheet run --config /etc/callsheet/callsheet.config.ts
  callsheet run --config /etc/shotgunEventDaemon.conf     as the Python daemon did
  callsheet run | tee callsheet.log          JSON lines on a pipe, columns on a terminal`;

const FOREGROUND_HELP = `
It is the Python daemon's word for \`run\`, whose help says more.

Examples:
  callsheet foreground
  callsheet foreground --config /etc/shotgunEventDaemon.conf`;

export function runCommand(): Command {
  return new Command("run")
    .description("follow the site and call the plugins, until Ctrl-C or SIGTERM")
    .option(...CONFIG_OPTION)
    .addOption(new Option("--background", "without a terminal; given by `start`").hideHelp())
    .addHelpText("after", HELP)
    .action(async (options: RunOptions) => run(options));
}

/** The Python daemon's word for `run`. */
export function foregroundCommand(): Command {
  return new Command("foreground")
    .description("the same as run")
    .option(...CONFIG_OPTION)
    .addHelpText("after", FOREGROUND_HELP)
    .action(async (options: RunOptions) => run(options));
}

interface RunOptions {
  config?: string;
  background?: boolean;
}

async function run({ config: file, background = false }: RunOptions): Promise<void> {
  const stop = untilSignal();
  const { config, log, close } = await prepare(file, background).catch((error) => {
    tellStarter(failureNotice(error));
    throw error;
  });
  endOnCrash(log, config.state);
  tellRemarks(log, config);
  const manager = openServiceManager(process.env, log);
  try {
    await follow(config, log, { stop, manager, background }).catch((error) => {
      if (!stop.aborted || error !== stop.reason) throw error;
      log.info(`${stop.reason}: it waited to start, and does not any more`);
    });
    log.info("ended");
  } catch (error) {
    logFailure(log, error);
    leaveFailure(config.state, error);
    tellStarter(failureNotice(error));
    await manager?.tell(`STATUS=failed: ${asError(error).message.replace(/\s+/g, " ")}`);
    process.exitCode = exitStatusOf(error);
  } finally {
    if (config.pidFile !== undefined) removePidFile(config.pidFile);
    await close();
  }
}

async function prepare(file: string | undefined, background: boolean): Promise<OpenLog & { config: Config }> {
  const setup = await loadSetup(file);
  const config = background ? withLogFiles(setup) : setup;
  return { config, ...(await openConfiguredLog(config, background ? nowhere() : process.stdout)) };
}

interface Surroundings {
  stop: AbortSignal;
  /** null: nobody who wants to be told. */
  manager: ServiceManager | null;
  background: boolean;
}

async function follow(config: Config, log: Log, { stop, manager, background }: Surroundings): Promise<void> {
  await takeOverAtStart(config, log);
  const { startDaemon } = await import("../daemon/start.ts");
  const starting = { signal: stop, waits: manager ? tendStart(manager) : () => {} };
  const daemon = await startDaemon({ config, log, starting });
  leaveLogPlace(config.state, placeOf(config.log));
  if (config.pidFile !== undefined) writePidFile(config.pidFile, log);
  const tended = manager && tend({ manager, daemon, config, log });
  // with a terminal it means that the terminal is gone
  if (manager || background) process.on("SIGHUP", () => void reloadAll(daemon, manager, log));
  void aborted(stop).then((signal) => {
    log.info(`${signal}: finishing what is in hand, then ending; once more to end at once`);
    tended?.stopping();
    return daemon.stop();
  });
  if (!stop.aborted) tellStarter({ kind: "up" });
  await daemon.finished.finally(() => tended?.close());
}

/** A fresh host for each plugin that is not paused; one that refuses keeps no other from it. */
async function reloadAll(daemon: Daemon, manager: ServiceManager | null, log: Log): Promise<void> {
  log.info("SIGHUP: every plugin is loaded again");
  const reload = async () => {
    const names = daemon.status().plugins.filter(({ paused }) => paused === null);
    const who = { by: "SIGHUP", why: "" };
    await Promise.allSettled(names.map(({ name }) => daemon.operations.reload(name, who)));
  };
  await (manager ? whileReloading(manager, reload) : reload());
}

function placeOf({ dir, file, files, format }: Config["log"]): LogPlace | null {
  return dir === undefined ? null : { dir, file, files, format };
}

/** A line each, as columns. */
function tellRemarks(log: Log, { remarks, file }: Config): void {
  if (remarks.length === 0) return;
  const width = Math.max(...remarks.map(({ key }) => key.length));
  log.info(`${file}: what is not as it was`);
  for (const { key, says } of remarks) log.info(`  ${key.padEnd(width)}  ${says}`);
}

/** A bug of Callsheet must not leave a daemon that only looks alive. */
function endOnCrash(log: Log, state: string): void {
  process.on("uncaughtException", (error) => {
    log.critical(`Callsheet crashed: ${error.message}`, {
      kind: "crash",
      code: "INTERNAL",
      stack: error.stack ?? "",
    });
    leaveFailure(state, error);
    process.exit(1);
  });
}

function logFailure(log: Log, thrown: unknown): void {
  const error = asError(thrown);
  if (error instanceof CallsheetError) {
    log.critical(error.hint ? `${error.message} ${error.hint}` : error.message, { code: error.code });
  } else {
    log.critical(`Callsheet crashed: ${error.message}`, {
      kind: "crash",
      code: "INTERNAL",
      stack: error.stack ?? "",
    });
  }
}
