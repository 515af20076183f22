/** What a site's URL says (protocol notes 1.1). */
import { CallsheetError } from "../errors.ts";

export interface SiteUrl {
  /** Scheme, host and port, without credentials: for people. */
  site: string;
  /** Where calls are posted. */
  endpoint: string;
  /** From a user part in the URL; null without one. Secret. */
  authorization: string | null;
}

/**
 * Takes a site's URL apart as the official client does: in lower case; the last path segment counts only with a slash
 * behind it; `user:password@` becomes a Basic `Authorization`.
 * @throws CallsheetError SITE_ARGUMENT
 */
export function parseSiteUrl(url: unknown): SiteUrl {
  const parsed = typeof url === "string" ? URL.parse(url) : null;
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:") || !parsed.host) {
    const shown = typeof url === "string" ? JSON.stringify(withoutUser(url)) : typeof url;
    throw new CallsheetError("SITE_ARGUMENT", `The site's url must be an http or https URL, got ${shown}.`, {
      hint: 'Write it like "https://studio.shotgrid.autodesk.com".',
    });
  }
  const site = `${parsed.protocol}//${parsed.host.toLowerCase()}`;
  const path = parsed.pathname.toLowerCase().replace(/[^/]*$/, "");
  return { site, endpoint: `${site}${path}api3/json`, authorization: basic(parsed) };
}

/** An address for a message: whatever stands before an @ may be a password, also where the scheme was forgotten. */
export function withoutUser(address: string): string {
  return address.replace(/^([a-z]+:\/\/)?.*@/is, "$1…@");
}

function basic({ username, password }: URL): string | null {
  if (username === "" && password === "") return null;
  const text = password === "" ? decode(username) : `${decode(username)}:${decode(password)}`;
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

// A lone % stands for itself.
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
