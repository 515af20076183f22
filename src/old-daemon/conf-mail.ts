/** The section [emails] as the configuration's `alerts.mail`. */
import type { ConfigInput } from "../config.ts";
import type { ConfValues } from "./conf.ts";

type MailInput = NonNullable<NonNullable<ConfigInput["alerts"]>["mail"]>;

/** null: no mail is sent, for the reason that `whyNoMail` gives. */
export function mailOfConf(values: ConfValues): MailInput | null {
  if (whyNoMail(values) !== null) return null;
  return {
    server: values.emailsServer,
    port: values.emailsPort,
    ...tlsOf(values),
    ...(values.emailsUsername !== null && {
      username: values.emailsUsername,
      password: values.emailsPassword!,
    }),
    from: values.emailsFrom,
    to: values.emailsTo!,
    subjectPrefix: values.emailsSubject,
  };
}

/** One of the Python daemon's own reasons to send no mail, or none. */
export function whyNoMail(values: ConfValues): string | null {
  if (!values.emailsEnabled) return "enabled is off";
  const { emailsServer: server, emailsFrom: from, emailsTo: to, emailsSubject: subject } = values;
  const empty = Object.entries({ server, from, to, subject }).find(([, value]) => !value);
  if (empty) return `${empty[0]} is empty`;
  return values.emailsUsername !== null && values.emailsPassword === null
    ? "username has no password with it"
    : null;
}

/**
 * The Python daemon goes over to TLS only where it logs in, and logs in without TLS where it is not told to use it. It takes
 * any certificate, and a conf has no place to name an authority.
 */
function tlsOf({ emailsUsername, emailsUseTls }: ConfValues): Pick<MailInput, "tls" | "verifyCertificate"> {
  if (emailsUsername === null) return { tls: "auto" };
  return emailsUseTls ? { tls: "starttls", verifyCertificate: false } : { tls: "none" };
}
