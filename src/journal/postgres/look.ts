/** A look at the database of a cluster without joining it. */
import { Engine } from "./engine.ts";
import { type Suitable, suitable } from "./suitable.ts";
import { translated } from "./trouble.ts";

export interface DatabaseLook extends Suitable {
  /** Its address without user and password. */
  where: string;
  /** Daemons that were there a moment ago, or may have been. */
  hosts: { name: string; labels: string[] }[];
}

interface HostRow {
  name: string;
  /** JSON. */
  labels: string;
}

const WITHIN_MS = 5000;

/** @throws CallsheetError STATE_UNUSABLE, CONFIG_INVALID */
export async function lookAtCluster({ url, schema }: { url: string; schema: string }): Promise<DatabaseLook> {
  const options = { url, schema, statementTimeoutMs: WITHIN_MS, connectTimeoutMs: WITHIN_MS, connections: 1 };
  const engine = new Engine(options);
  try {
    const found = await suitable(engine, engine);
    const hosts = found.made ? await engine.rows<HostRow>("SELECT name, labels FROM host ORDER BY name") : [];
    return {
      ...found,
      where: engine.where,
      hosts: hosts.map(({ name, labels }) => ({ name, labels: JSON.parse(labels) as string[] })),
    };
  } catch (error) {
    throw translated(error, engine.where);
  } finally {
    await engine.close();
  }
}
