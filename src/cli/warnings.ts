/**
 * Node warns that `node:sqlite` and type stripping are experimental: no news for a user of Callsheet, who runs a version of
 * Node that was tested with it. Other warnings are still printed.
 */
export function quietExperimentalWarnings(): void {
  const printers = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "ExperimentalWarning") return;
    for (const print of printers) print.call(process, warning);
  });
}
