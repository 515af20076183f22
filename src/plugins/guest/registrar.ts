import type { Registrar } from "../../plugin.ts";
import type { GuestLogger } from "./logger.ts";
import { checkRegistration, type Registration, refused, show } from "./registration.ts";

/** What a plugin has registered so far. */
export interface Registered {
  callbacks: Registration[];
  emails: true | false | string[];
  /** Label that its host needs; null: none. */
  runsOn: string | null;
}

/** As in `cluster.hosts`. */
const LABEL = /^[\w.-]{1,100}$/;

/** The `reg` that `registerCallbacks` receives. After `close` it refuses everything but the logger. */
export function createRegistrar(logger: GuestLogger): {
  registrar: Registrar;
  registered: Registered;
  close(): void;
} {
  const registered: Registered = { callbacks: [], emails: true, runsOn: null };
  let open = true;
  const mustBeOpen = (method: string) => {
    if (open) return;
    throw refused(
      "it was called after registerCallbacks had finished",
      "Register everything before registerCallbacks returns, or before the promise it returns resolves.",
      method,
    );
  };
  const registrar: Registrar = {
    logger,
    getLogger: () => logger,
    setEmails: (...addresses) => {
      mustBeOpen("setEmails");
      registered.emails = emailsFrom(addresses);
    },
    runsOn: (label) => {
      mustBeOpen("runsOn");
      registered.runsOn = labelFrom(label);
    },
    registerCallback: (...given: unknown[]) => {
      mustBeOpen("registerCallback");
      registered.callbacks.push(checkRegistration(given, registered.callbacks));
    },
  };
  return {
    registrar: Object.freeze(registrar),
    registered,
    close: () => {
      open = false;
    },
  };
}

function emailsFrom(addresses: readonly unknown[]): true | false | string[] {
  const [first] = addresses;
  if (addresses.length === 1 && typeof first === "boolean") return first;
  const wrong = addresses.findIndex((address) => typeof address !== "string" || !address.includes("@"));
  if (addresses.length > 0 && wrong === -1) return [...new Set(addresses as string[])];
  throw refused(
    addresses.length === 0 ? "no argument was given" : `${show(addresses[wrong])} is not an address`,
    'Give true, false, or addresses: setEmails("td@studio.com", "ops@studio.com").',
    "setEmails",
  );
}

function labelFrom(label: unknown): string {
  if (typeof label === "string" && LABEL.test(label)) return label;
  throw refused(
    `${show(label)} is not a label`,
    'Give letters, digits, ".", "_" and "-", such as runsOn("render").',
    "runsOn",
  );
}
