/** What a start with a configuration of the Python daemon tells: which options are met in another way, and which not at all. */
import { dirname, resolve } from "node:path";
import type { Remark } from "../config-source.ts";
import type { Conf, ConfValues, OptionKey } from "./conf.ts";
import { OPTIONS } from "./conf.ts";
import { batchSizeOf, fetchIntervalOf, stateFolderOf } from "./conf-config.ts";
import { whyNoMail } from "./conf-mail.ts";

/** In the order of the options. */
export function remarksOf(conf: Conf, values: ConfValues): Remark[] {
  return [...optionRemarks(conf, values), ...unusedRemarks(conf)];
}

function stateOf({ file, extras }: Conf, { eventIdFile }: ConfValues): string {
  const own = extras.find(({ key }) => key === "state")?.value;
  return own === undefined ? stateFolderOf(file, eventIdFile) : resolve(dirname(file), own);
}

function optionRemarks(conf: Conf, values: ConfValues): Remark[] {
  const { lines } = conf;
  const said: Partial<Record<OptionKey, string | null>> = {
    pidFile: "written for tools that read it; what keeps a second daemon out is a lock in the state folder",
    eventIdFile: `left as it is; the state is the folder ${stateOf(conf, values)}`,
    logging: values.logging === 0 ? "0 is not set, which means warnings, as it did" : null,
    timingLog: timingRemark(values, lines.timingLog !== undefined),
    connRetrySleep: "the site is asked again after pauses that grow from half a second to 15 seconds",
    maxConnRetries:
      "a first failure is a warning, further ones are errors; a site that stays away is an alert",
    fetchInterval:
      fetchIntervalOf(values) === values.fetchInterval * 1000
        ? null
        : "10 milliseconds, the shortest there is",
    maxEventBatchSize:
      batchSizeOf(values) === values.maxEventBatchSize
        ? null
        : `${batchSizeOf(values)}, the most a site gives at once`,
    emailsEnabled: mailRemark(values),
  };
  return (Object.keys(OPTIONS) as OptionKey[]).flatMap((option) => {
    const says = said[option];
    const { section, name } = OPTIONS[option];
    return says ? [{ key: section === "emails" ? "[emails]" : name, says }] : [];
  });
}

function timingRemark({ timingLog }: ConfValues, isThere: boolean): string | null {
  return timingLog || !isThere ? null : "off, as it was: only on, in small letters, turns it on";
}

function mailRemark(values: ConfValues): string | null {
  const why = whyNoMail(values);
  if (!values.emailsEnabled) return null;
  if (why !== null) return `no mail is sent, as before: ${why}`;
  const inClear = values.emailsUsername !== null && !values.emailsUseTls;
  return inClear ? "the password goes to the mail server unencrypted, as before: useTLS is off" : null;
}

function unusedRemarks({ file, unused }: Conf): Remark[] {
  const sections = new Set(Object.values(OPTIONS).map(({ section }) => section));
  const strange = new Map(unused.map(({ section, line }) => [section, line]).reverse() as [string, number][]);
  const remarks = [...strange]
    .filter(([section]) => !sections.has(section))
    .map(([section, line]) => ({ key: `[${section}]`, says: `passed over, as it was (${file}:${line})` }));
  for (const { section, name, line, similar } of unused.filter((option) => sections.has(option.section))) {
    const meant = similar === null ? "" : `; was ${similar} meant?`;
    remarks.push({
      key: name,
      says: `no option of [${section}], passed over, as it was (${file}:${line})${meant}`,
    });
  }
  return remarks;
}
