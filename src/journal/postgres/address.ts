/** The address of a database, as people write it: checked, and told without its password. */
import pg from "pg";
import { CallsheetError } from "../../errors.ts";

const SSL_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"];
const PROTOCOLS = new Set(["postgres:", "postgresql:"]);

/** Without user and password. @throws CallsheetError CONFIG_INVALID */
export function whereOf(url: string): string {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw noAddress("is not an address");
  }
  const { protocol, hostname, port, pathname, search, hash } = address;
  // without it what comes first is taken for the protocol, and the password for a path
  if (!PROTOCOLS.has(protocol)) throw noAddress("does not begin with postgres://");
  // a password with such characters in it ends where they are, and its rest stands elsewhere
  if (hash !== "" || [pathname, search].some((part) => part.includes("@")))
    throw noAddress("is not understood");
  const mode = address.searchParams.get("sslmode");
  if (mode !== null && !SSL_MODES.includes(mode))
    throw new CallsheetError("CONFIG_INVALID", `cluster.url has sslmode=${mode}, which is none.`, {
      hint: "Those there are: disable, and verify-full; prefer, require and verify-ca do as verify-full does.",
    });
  return `${hostname}:${port || 5432}${pathname}`;
}

/** As the client is to be given it. */
export function forClient(url: string): Pick<pg.ClientConfig, "connectionString" | "options"> {
  const address = new URL(url);
  const { searchParams: given } = address;
  // the client takes each of these for verify-full, and prints a warning of its own for it
  if (["require", "prefer", "verify-ca"].includes(given.get("sslmode") ?? ""))
    given.set("sslmode", "verify-full");
  // of several the client would take one
  const options = given.getAll("options").join(" ");
  given.delete("options");
  return { connectionString: address.href, ...(options !== "" && { options }) };
}

/** The client reads the certificates that the address names when it is made. @throws CallsheetError CONFIG_INVALID */
export function refuseUnreadable(settings: pg.ClientConfig): void {
  try {
    new pg.Client(settings);
  } catch (error) {
    if (!(error instanceof Error) || !("path" in error)) throw noAddress("is not understood");
    throw new CallsheetError(
      "CONFIG_INVALID",
      `cluster.url names the file ${error.path}, which cannot be read.`,
      {
        hint: "It is a certificate or a key: sslrootcert, sslcert or sslkey. It has to be on this machine, and readable for the daemon's user.",
        cause: error,
      },
    );
  }
}

/** The address stays out of it, and the error that quotes it: there is a password in it. */
function noAddress(why: string): CallsheetError {
  return new CallsheetError("CONFIG_INVALID", `cluster.url ${why}.`, {
    hint: 'It looks like "postgres://user:password@host:5432/database"; a character such as @ : / # ? of the password is written as %40 %3A %2F %23 %3F.',
  });
}
