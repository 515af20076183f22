/** Whether alerts can go out: asked without sending any, or with one test message to each place. */
import { openPlaces, type Places, receiversOf } from "../alerts/sinks.ts";
import { testView } from "../alerts/test-view.ts";
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { Finding } from "./check.ts";

type Place = ReturnType<typeof receiversOf>[number];

/** Says hello to the mail server. Chats and webhooks cannot be asked without posting something. */
export function checkAlerts(alerts: Config["alerts"]): Promise<Finding[]> {
  return eachPlace(alerts, async ({ sink, receiver }) => {
    if (await sink.greet()) return ok(`${sink.place} lets us in; alerts go to ${receiver.to.join(", ")}`);
    return ok(`${sink.place}; to try it: callsheet alerts test`);
  });
}

/** Sends one message to each place, whether alerts are enabled or not. */
export function testAlerts({ alerts, site, state }: Config): Promise<Finding[]> {
  const view = testView({ siteUrl: site.url, state });
  return eachPlace({ ...alerts, enabled: true }, async ({ sink, receiver }) => {
    const complaint = await sink.send(view, receiver);
    const to = receiver.to.length === 0 ? "" : ` for ${receiver.to.join(", ")}`;
    if (complaint === null) return ok(`${sink.place} took a message${to}`);
    const cure = "The others have it. Check the addresses in alerts.mail.to.";
    return { status: "warn", detail: complaint, cure };
  });
}

async function eachPlace(
  alerts: Config["alerts"],
  ask: (place: Place) => Promise<Omit<Finding, "what">>,
): Promise<Finding[]> {
  if (!alerts.enabled) return [nobody("alerts.enabled is false: nobody is told when something breaks")];
  let places: Places;
  try {
    places = await openPlaces(alerts);
  } catch (error) {
    return [failed("alerts", error)];
  }
  const findings = await Promise.all(
    receiversOf(places).map(async (place) => {
      const what = `alerts by ${place.sink.name}`;
      try {
        return { what, ...(await ask(place)) };
      } catch (error) {
        return failed(what, error);
      }
    }),
  );
  await Promise.all(places.sinks.map((sink) => sink.close()));
  return findings.length > 0 ? findings : [nobody("nobody is told when something breaks")];
}

function ok(detail: string): Omit<Finding, "what"> {
  return { status: "ok", detail, cure: null };
}

function nobody(detail: string): Finding {
  const cure = "Name a mail server or a chat in alerts: docs/alerts.md shows how.";
  return { status: "ok", what: "alerts", detail, cure };
}

function failed(what: string, thrown: unknown): Finding {
  const error = asError(thrown);
  const cure = (error instanceof CallsheetError && error.hint) || null;
  return { status: "fail", what, detail: error.message, cure };
}
