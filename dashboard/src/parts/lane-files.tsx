/** Whether all hosts have the files that a plugin runs with, and why no host can run it. */
import type { ClusterLane } from "../api/shapes.ts";
import { dateAndTime } from "../format.ts";

export function FilesOf({ lane: { waitsFor, here, files }, name }: { lane: ClusterLane; name: string }) {
  const { ran, others } = files;
  if (waitsFor !== null && waitsFor !== "files") return <>no host has the label {waitsFor.label}</>;
  if (others.length === 0 && here === null) return <>{ran === null ? "–" : "the same everywhere"}</>;
  return (
    <ul class="plain">
      {waitsFor === "files" && <li class="bad">It waits: nobody has those that it ran with last.</li>}
      {waitsFor === "files" && (
        <li>
          Bring the same to all hosts; or, where those of a host are right, there:{" "}
          <code>callsheet adopt {name}</code>
        </li>
      )}
      {ran && (
        <li>
          {ran.host} ran it with {filesInWords(ran)}
        </li>
      )}
      {here !== null && <li class="warn">This host has it at {here}, and leaves it to the others.</li>}
      {others.map((other) => (
        <li key={other.host} class="warn">
          {other.host} has {filesInWords(other)}
        </li>
      ))}
    </ul>
  );
}

export function filesInWords({ sha256, changedAt }: ClusterLane["files"]["others"][number]): string {
  if (sha256 === null) return "no such file";
  return `sha ${sha256.slice(0, 6)}${changedAt ? `, changed ${dateAndTime(changedAt)}` : ""}`;
}
