/** The sinks and receivers of a configuration. */
import type { Config } from "../config-file.ts";
import { defaultReceiver } from "./desk.ts";
import type { Receiver } from "./outbox.ts";
import { keyOf, openSlack, openWebhooks } from "./post.ts";
import type { Sink } from "./sink.ts";

export interface Places {
  sinks: Sink[];
  /** Who is told everything. */
  everything: Receiver[];
  /** null: there is no mail. */
  mailTo: readonly string[] | null;
}

/** @throws {CallsheetError} CONFIG_INVALID: an address that is none, a certificate file that cannot be read */
export async function openPlaces(
  { mail, slack, webhooks }: Config["alerts"],
  patienceMs?: number,
): Promise<Places> {
  const posts = [...openSlack(slack, patienceMs), ...openWebhooks(webhooks, patienceMs)];
  const urls = [...slack, ...webhooks.map(({ url }) => url)];
  const sinks = mail ? [await mailSink(mail, patienceMs), ...posts] : posts;
  return {
    sinks,
    everything: posts.map(({ name }, index) => ({
      key: `${name.split(" ")[0]} ${keyOf(urls[index]!)}`,
      sink: name,
      to: [],
    })),
    mailTo: mail?.to ?? null,
  };
}

/** One receiver of each place. */
export function receiversOf({ sinks, everything, mailTo }: Places): { sink: Sink; receiver: Receiver }[] {
  return sinks.map((sink) => ({
    sink,
    receiver: everything.find((receiver) => receiver.sink === sink.name) ?? defaultReceiver(mailTo ?? []),
  }));
}

async function mailSink(mail: NonNullable<Config["alerts"]["mail"]>, patienceMs?: number): Promise<Sink> {
  const { openMail } = await import("./mail.ts");
  return openMail(mail, patienceMs);
}
