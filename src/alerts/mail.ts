/** Mails, over nodemailer. A connection for each letter: there are few, and none is left half open. */
import { readFileSync } from "node:fs";
import { createTransport } from "nodemailer";
import type { Config } from "../config-file.ts";
import { CallsheetError } from "../errors.ts";
import { htmlOf } from "./html.ts";
import { networkTrouble, notSent } from "./not-sent.ts";
import type { SendError, Sink } from "./sink.ts";
import { textOf } from "./text.ts";

export type MailConfig = NonNullable<Config["alerts"]["mail"]>;

/** What nodemailer fails with. */
type SmtpError = Error & { code?: string; responseCode?: number; response?: string; command?: string };

const TLS_PORT = 465;

/**
 * @param patienceMs longest silence of the server; a letter takes twice as long at most
 * @throws {CallsheetError} CONFIG_INVALID when the certificate file cannot be read
 */
export function openMail(mail: MailConfig, patienceMs = 20_000): Sink {
  const options = transportOptions(mail, patienceMs);
  const place = `${mail.server}:${mail.port}`;
  const closing = new AbortController();
  return {
    name: "mail",
    place,
    async send(view, { to }) {
      const transport = createTransport(options);
      const { letter } = view;
      try {
        const sent = await transport.sendMail({
          from: mail.from,
          to: [...to],
          subject: withPrefix(mail.subjectPrefix, view.subject),
          messageId: `<${letter.id}>`,
          ...(letter.inReplyTo !== null && {
            inReplyTo: `<${letter.inReplyTo}>`,
            references: [`<${letter.inReplyTo}>`],
          }),
          date: new Date(letter.sealedAt),
          text: textOf(view),
          html: htmlOf(view),
          headers: { "Auto-Submitted": "auto-generated" },
          disableFileAccess: true,
          disableUrlAccess: true,
          // a server that answers a byte at a time is never silent
          signal: AbortSignal.any([AbortSignal.timeout(2 * patienceMs), closing.signal]),
        });
        const refused = sent.rejected.map(String);
        return refused.length > 0 ? `${place} did not take the mail for ${refused.join(", ")}` : null;
      } catch (error) {
        throw mailError(error as SmtpError, mail, place);
      }
    },
    async greet() {
      const transport = createTransport(options);
      try {
        return await transport.verify();
      } catch (error) {
        throw mailError(error as SmtpError, mail, place);
      } finally {
        transport.close();
      }
    },
    close: async () => closing.abort(),
  };
}

function transportOptions(mail: MailConfig, patienceMs: number) {
  const { server: host, port, tls, username, password } = mail;
  const isAuto = tls === "auto";
  const withPassword = username !== undefined && password !== undefined;
  return {
    host,
    port,
    secure: tls === "tls" || (isAuto && port === TLS_PORT),
    requireTLS: tls === "starttls" || (isAuto && withPassword && port !== TLS_PORT),
    ignoreTLS: tls === "none",
    ...(withPassword && { auth: { user: username, pass: password } }),
    tls: {
      rejectUnauthorized: mail.verifyCertificate ?? !(isAuto && !withPassword),
      ...(mail.caCerts !== undefined && { ca: readCertificates(mail.caCerts) }),
    },
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    dnsTimeout: patienceMs,
  };
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CallsheetError("CONFIG_INVALID", `alerts.mail.caCerts: ${path} cannot be read.`, {
      hint: "Give it the path of a PEM file.",
      cause: error,
    });
  }
}

function withPrefix(prefix: string, subject: string): string {
  if (prefix === "") return subject;
  // "Re:" stays in front, where mail clients look for it
  return subject.startsWith("Re: ") ? `Re: ${prefix} ${subject.slice(4)}` : `${prefix} ${subject}`;
}

function mailError(error: SmtpError, mail: MailConfig, place: string): SendError {
  const answer = error.response ? ` (it said: ${error.response.split("\n")[0]!.slice(0, 200)})` : "";
  const server = `The mail server ${place}`;
  if (error.code === "EAUTH" || error.code === "ENOAUTH") {
    return notSent({
      message: `${server} does not let ${mail.username} in${answer}.`,
      hint: "Check alerts.mail.username and password.",
      cause: error,
    });
  }
  if (error.code === "ETLS") {
    const [what] = networkTrouble(error);
    const offers =
      error.command === "STARTTLS" && answer ? "does not offer STARTTLS" : `cannot speak TLS: ${what}`;
    return notSent({
      message: `${server} ${offers}${answer}.`,
      hint: 'Check alerts.mail.tls and port; tls: "none" sends everything in the clear, on a network that you trust.',
      cause: error,
    });
  }
  if (error.code === "EENVELOPE" || error.code === "EMESSAGE") {
    return notSent({
      message: `${server} refused sender, receiver or mail${answer}.`,
      hint: "Check alerts.mail.from, to, and the plugin's setEmails.",
      cause: error,
      refused: true,
    });
  }
  const [what, hint] = networkTrouble(error);
  return notSent({ message: `${server} cannot be used: ${what}${answer}.`, hint, cause: error });
}
