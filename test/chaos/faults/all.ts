import type { Fault } from "./fault.ts";
import { pluginFaults } from "./plugin-faults.ts";
import { processFaults } from "./process-faults.ts";
import { siteFaults } from "./site-faults.ts";
import { stateFaults } from "./state-faults.ts";

export const FAULTS: readonly Fault[] = [...processFaults, ...siteFaults, ...pluginFaults, ...stateFaults];
