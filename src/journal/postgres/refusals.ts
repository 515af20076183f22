/** Why a database cannot be used, and what to do about it, for the errors of PostgreSQL, its client, TLS and the network. */

export interface Refusal {
  /** Completes "The database at … cannot be used: ". */
  why: string;
  hint: string;
}

/** SQLSTATE (PostgreSQL manual, appendix A), or codes of Node. */
const BY_CODE: Readonly<Record<string, (message: string) => Refusal>> = {
  "28P01": () => ({
    why: "it refuses this user or password",
    hint: "Check both in cluster.url; a character such as @ : / # % of the password is written as %40 %3A %2F %23 %25 there.",
  }),
  "28000": (message) => ({
    why: `it refuses this user (${message})`,
    hint: "Check the user in cluster.url, and that the server's pg_hba.conf lets it in from this machine.",
  }),
  "3D000": () => ({
    why: "there is no such database",
    hint: "Check its name in cluster.url, or make it: CREATE DATABASE … OWNER ….",
  }),
  "42501": (message) => ({ why: `this user lacks a right (${message})`, hint: RIGHTS }),
  "3F000": () => ({ why: "this user may not use the schema", hint: RIGHTS }),
  // what is wrong with how it is spoken to; of a pooler, also with the server behind it
  "08P01": (message) =>
    /startup parameter/.test(message)
      ? {
          why: `an option of cluster.url is not taken (${message})`,
          hint: "A pooler stands before it: set that for the user instead, with ALTER ROLE … SET …, or let cluster.url lead to PostgreSQL itself.",
        }
      : silenceOf({ message }),
  "55P03": (message) => ({
    why: `its tables are in use all the time (${message})`,
    hint: "Something holds them, such as a backup or a statement of somebody's: see pg_stat_activity, and try again.",
  }),
  "25006": (message) => ({
    why: `it takes nothing (${message})`,
    hint: "It is a standby that was not promoted, or default_transaction_read_only is on: promote it, let cluster.url lead to the primary, or turn that off.",
  }),
  ECONNREFUSED: (message) => ({
    why: `it does not answer (${message})`,
    hint: "Nothing listens there: check host and port in cluster.url, and that PostgreSQL runs and listens on that address.",
  }),
  ENOTFOUND: (message) => ({
    why: `it does not answer (${message})`,
    hint: "No host of that name is known here: check it in cluster.url.",
  }),
};
const RIGHTS =
  "The schema has to be the user's own: CREATE SCHEMA … AUTHORIZATION …; docs/cluster.md names the rights it needs.";

/** The client and TLS give these no codes of their own, or many. */
const BY_WORDS: readonly [RegExp, (message: string) => Refusal][] = [
  [
    /password must be a string|password must be a non-empty string/,
    () => ({
      why: "it asks for a password, and cluster.url has none",
      hint: "Write it there: user:password@host.",
    }),
  ],
  [
    /does not support SSL/,
    () => ({
      why: "it offers no TLS, and the sslmode of cluster.url asks for it",
      hint: "Turn ssl on in its postgresql.conf. Take sslmode out of cluster.url only where nobody can listen on the network.",
    }),
  ],
  [
    /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/,
    (message) => ({
      why: `its certificate is not trusted (${message.split(";")[0]})`,
      hint: "Name the authority that signed it in cluster.url, sslrootcert=/path/to/ca.pem, and the host as the certificate has it.",
    }),
  ],
];

/** null: it is nothing that the use of a database fails of. */
export function refusalOf(error: Error): Refusal | null {
  const { message, code = "" } = error as NodeJS.ErrnoException;
  const found = Object.hasOwn(BY_CODE, code)
    ? BY_CODE[code]
    : BY_WORDS.find(([words]) => words.test(code) || (code === "" && words.test(message)))?.[1];
  if (found) return found(message);
  return code.startsWith("28") ? BY_CODE["28000"]!(message) : null;
}

/** Of one that does not answer, for whatever reason. */
export function silenceOf({ message }: Pick<Error, "message">): Refusal {
  return {
    why: `it does not answer (${message})`,
    hint: "Check host and port in cluster.url, that it is PostgreSQL that listens there, and that this machine may connect to it.",
  };
}
