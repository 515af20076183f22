import { pythonProcesses } from "../python-process.ts";
import type { Scenario } from "./scenario.ts";

export const pythonProcessScenario: Scenario = {
  name: "python-process",
  title: "The process of a Python plugin",
  async run() {
    const sentences = await pythonProcesses();
    console.log(sentences.join("\n"));
    return sentences.map((sentence) => `* ${sentence}`).join("\n");
  },
};
