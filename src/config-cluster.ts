/** The section `cluster` of the configuration: daemons on several machines that share the work through one database. */
import { hostname } from "node:os";
import { z } from "zod";
import { secret, section, span } from "./config-kinds.ts";
import type { Resolved } from "./config-secrets.ts";

const NAME = 'must be a name of letters, digits, ".", "_" and "-" that begins with a letter or digit';
const SCHEMA = "must be a name of small letters, digits and underscores";
const WEIGHT = `must be a number above 0, at most 1000`;
const MOST_WEIGHT = 1000;
const LABELS = 'must be a list of labels such as ["render"]';
/** It becomes the name of a folder too. */
const PLAIN = /^[a-z0-9][\w.-]{0,99}$/i;

const name = z.string({ error: NAME }).regex(PLAIN, { error: NAME });
const label = z.string({ error: 'must be a label such as "render"' }).regex(PLAIN, { error: NAME });
const weight = z.number({ error: WEIGHT }).positive({ error: WEIGHT }).max(MOST_WEIGHT, { error: WEIGHT });

export const clusterSection = section({
  /** `postgres://user:password@host:5432/database`; one database for all daemons of the cluster. */
  url: secret,
  /** Schema in it that everything is kept in. */
  schema: z
    .string({ error: SCHEMA })
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, { error: SCHEMA })
    .default("callsheet"),
  /** How long a daemon that is not heard of keeps what it has; after it the others take over. */
  lease: span({ least: 3000, most: 600_000, says: 'from "3s" to "10m"' }).default(15_000),
  /** Name of this host; `CALLSHEET_HOST` comes before it. Default: that of the machine. */
  host: name.optional(),
  /** What is said of single hosts, by name. */
  hosts: z
    .record(
      name,
      section({
        /** What it can do that others cannot. */
        labels: z.array(label, { error: LABELS }).default([]),
        /** Its share of the plugins, in proportion to the others'. */
        weight: weight.default(1),
      }),
      { error: 'must map names of hosts to settings, such as { "render01": { labels: ["render"] } }' },
    )
    .default({}),
  /** Plugins that only hosts with a label run, by name. */
  runsOn: z
    .record(z.string(), label, {
      error: 'must map names of plugins to labels, such as { "thumbnails": "render" }',
    })
    .default({}),
});

/** The section with what holds for this host. */
export interface ClusterConfig extends Omit<Resolved<z.output<typeof clusterSection>>, "host"> {
  /** Its name. */
  host: string;
  labels: readonly string[];
  weight: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Of `CALLSHEET_HOST`, `CALLSHEET_LABELS` (with commas between) and `CALLSHEET_WEIGHT`: what is wrong with them, a sentence each. */
export function clusterProblems(env: Environment): string[] {
  const { CALLSHEET_HOST: host, CALLSHEET_LABELS: labels, CALLSHEET_WEIGHT: share } = env;
  const wrong = (variable: string, value: string, must: string) =>
    `The environment variable ${variable} is ${JSON.stringify(value)}; it ${must}.`;
  return [
    ...(host && !PLAIN.test(host) ? [wrong("CALLSHEET_HOST", host, NAME)] : []),
    ...(labels && !listed(labels).every((one) => PLAIN.test(one))
      ? [wrong("CALLSHEET_LABELS", labels, 'must be labels such as "render,gpu"')]
      : []),
    ...(share && !(Number(share) > 0 && Number(share) <= MOST_WEIGHT)
      ? [wrong("CALLSHEET_WEIGHT", share, WEIGHT)]
      : []),
  ];
}

/** To be called when there are no problems. */
export function clusterHere(
  cluster: Resolved<z.output<typeof clusterSection>>,
  env: Environment,
): ClusterConfig {
  const host =
    env.CALLSHEET_HOST ||
    cluster.host ||
    hostname()
      .replace(/[^\w.-]/g, "_")
      .replace(/^[^a-z0-9]/i, "h");
  const said = cluster.hosts[host] ?? { labels: [], weight: 1 };
  return {
    ...cluster,
    host,
    labels: env.CALLSHEET_LABELS ? listed(env.CALLSHEET_LABELS) : said.labels,
    weight: env.CALLSHEET_WEIGHT ? Number(env.CALLSHEET_WEIGHT) : said.weight,
  };
}

/** A password that stands within other words, too: it is a secret only where it stands in an address. */
const PART_OF_WORDS = /^\w{1,3}$/;

/** The texts of an address that must not be shown: itself, and its password as it is and as it stands there. */
export function secretsInUrl(address: string): string[] {
  const url = URL.parse(address);
  const password = url?.password ?? "";
  const asked = url?.searchParams.get("password") ?? "";
  return [
    address,
    ...inItsPlace(password, `:${password}@`),
    ...inItsPlace(decoded(password), `:${decoded(password)}@`),
    ...inItsPlace(asked, `password=${asked}`),
  ];
}

/** @param place the password as an address has it */
function inItsPlace(password: string, place: string): string[] {
  if (password === "") return [];
  return [PART_OF_WORDS.test(password) ? place : password];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}
