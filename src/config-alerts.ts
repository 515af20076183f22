/** The section `alerts` of the configuration: where alerts go, and what is worth one. */
import { z } from "zod";
import {
  choice,
  diskSize,
  line,
  listOf,
  secret,
  section,
  text,
  wait,
  wholeNumber,
  yesOrNo,
} from "./config-kinds.ts";

const ADDRESS = 'must be a mail address such as "pipeline@studio.com" or "Callsheet <callsheet@studio.com>"';
const ADDRESSES = 'must be a list of mail addresses such as ["pipeline@studio.com"]';

const mail = section({
  /** Name or address of the mail server. */
  server: line("must be the name of a mail server such as mail.studio.lan"),
  port: wholeNumber(1, 65_535).default(25),
  /**
   * "auto": TLS from the first byte on port 465, elsewhere STARTTLS where the server offers it; a password is not sent without.
   * "starttls", "tls" (from the first byte): that, or no mail. "none": everything in the clear, the password too.
   */
  tls: choice(["auto", "starttls", "tls", "none"]).default("auto"),
  /** false: any certificate will do. Default: true, but where neither `tls` nor a password asks for more than the clear. */
  verifyCertificate: yesOrNo.optional(),
  /** Path of a PEM file with certificate authorities; relative to the configuration file. Default: Node's own list. */
  caCerts: text("must be the path of a PEM file").optional(),
  username: line("must be the name to log in to the mail server with").optional(),
  password: secret.optional(),
  from: line(ADDRESS),
  /** Who is mailed, but for plugins whose `setEmails` says otherwise. */
  to: listOf(line(ADDRESS), ADDRESSES),
  /** Begins every subject. */
  subjectPrefix: z.string({ error: "must be a text" }).default("[callsheet]"),
}).superRefine(({ username, password }, context) => {
  if (username !== undefined && password === undefined)
    context.addIssue({ code: "custom", path: ["password"], message: "must come with alerts.mail.username" });
  if (username === undefined && password !== undefined)
    context.addIssue({ code: "custom", path: ["username"], message: "must come with alerts.mail.password" });
});

const slack = z.array(secret, {
  error: 'must be a list of webhook addresses such as [{ env: "SLACK_WEBHOOK" }]',
});

const webhooks = z.array(section({ url: secret, token: secret.optional() }), {
  error: 'must be a list such as [{ url: "https://alerts.studio.lan/callsheet" }]',
});

const digests = listOf(
  wait,
  'must be a list of durations such as ["10m", "1h", "1d"]',
  'must have at least one duration, such as ["10m", "1h", "1d"]',
);

/** A limit that `false` switches off. */
function limit<T extends z.ZodType>(kind: T, example: string) {
  return z.union([z.literal(false), kind], { error: `must be false, or a limit such as ${example}` });
}

export const alertsSection = section({
  /** false: nobody is told, but by the log. */
  enabled: yesOrNo.default(true),
  /** Default: no mail. */
  mail: mail.optional(),
  /** Incoming webhooks of Slack, or of a chat that takes the same (Mattermost, Rocket.Chat, Discord with /slack). */
  slack: slack.default([]),
  /** Addresses that each alert is posted to as JSON; with a token: `Authorization: Bearer …`. */
  webhooks: webhooks.default([]),
  /** How long a new trouble waits for company: what breaks together is told together. */
  gather: wait.default(3000),
  /** Pauses before the next message about what was told already; the last one repeats. */
  digests: digests.default([600_000, 3_600_000, 86_400_000]),
  /** Messages an hour to one receiver; what is beyond comes together in the next one. */
  mostAnHour: wholeNumber(1, 1000).default(20),
  /** How old the oldest event may be that waits for a plugin. */
  lagLimit: limit(wait, '"15m"').default(900_000),
  /** How long the site may be away. */
  siteAwayAfter: limit(wait, '"5m"').default(300_000),
  /** How often a plugin's host may start again within ten minutes. */
  restartLimit: limit(wholeNumber(1, 1000), "5").default(5),
  /** Whether a plugin that logs an error is told of. */
  pluginErrors: yesOrNo.default(true),
  /** Space that must be left on the disk of the state folder. */
  diskFreeLimit: limit(diskSize, '"1GB"').default(1e9),
});
