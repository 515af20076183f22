/** What a site says about itself, and what its version allows (protocol notes 1.6). */
import { isObject } from "./entity.ts";
import { type CallFacts, ReplyError, SiteTooOldError } from "./errors.ts";

/** The reply of `info`; sites send more than is named here. */
export interface SiteInfo {
  /** For example `[8, 80, 0]`; a development build has a fourth item, "Dev". */
  version: readonly (number | string)[];
  /** Records in one page of `find` at most. */
  api_max_entities_per_page?: number | null;
  [field: string]: unknown;
}

/** Page size of sites that name none. */
const DEFAULT_PAGE_SIZE = 500;

/** @throws ReplyError, SiteTooOldError */
export function readSiteInfo(results: unknown, facts: CallFacts): SiteInfo {
  const version = isObject(results) ? results.version : undefined;
  if (!Array.isArray(version) || version.length < 3 || !version.slice(0, 3).every(Number.isInteger)) {
    throw new ReplyError("The site answered info without a version number.", facts, {
      hint: "Check that the url is that of a Flow Production Tracking site.",
    });
  }
  const info = results as SiteInfo;
  requireVersion(info, [2, 4, 0], "the JSON interface", facts);
  return info;
}

/** @throws SiteTooOldError when the site is older than `needed` */
export function requireVersion(
  info: SiteInfo,
  needed: readonly [number, number, number],
  feature: string,
  facts: CallFacts,
): void {
  if (isAtLeast(info, needed)) return;
  const has = info.version.slice(0, 3).join(".");
  throw new SiteTooOldError(`${feature} needs site version ${needed.join(".")}, the site has ${has}.`, facts);
}

export function isAtLeast({ version }: SiteInfo, needed: readonly [number, number, number]): boolean {
  for (const [index, minimum] of needed.entries()) {
    const part = Number(version[index]);
    if (part !== minimum) return part > minimum;
  }
  return true;
}

export function pageSize({ api_max_entities_per_page: size }: SiteInfo): number {
  return Number.isInteger(size) && Number(size) > 0 ? Number(size) : DEFAULT_PAGE_SIZE;
}
