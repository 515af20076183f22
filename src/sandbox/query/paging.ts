/** The page a `read` asks for (protocol notes 4.6). */
import { malformed } from "../fault.ts";

export interface Paging {
  /** Rows per page, 1 to 5000. */
  size: number;
  /** From 1. */
  page: number;
  /** What the reply tells about further pages. */
  info: "none" | "next page" | "counts";
}

const MOST = 5000;

export function parsePaging(payload: Record<string, unknown>, api: string): Paging {
  const { entities_per_page: size, current_page: page = 1 } = (payload.paging ?? {}) as Record<
    string,
    unknown
  >;
  if (!Number.isInteger(size))
    throw malformed(
      `${api} invalid/missing integer 'paging' 'entities_per_page':\n${JSON.stringify(payload.paging ?? null)}`,
    );
  if ((size as number) > MOST) throw malformed(`${api} size must be less than ${MOST}`);
  if ((size as number) < 1) throw malformed(`${api} size must be greater than 0`);
  if (!Number.isSafeInteger(page) || (page as number) < 1 || !Number.isSafeInteger((page as number) * MOST))
    throw malformed(
      `${api} invalid/missing integer 'paging' 'current_page':\n${JSON.stringify(payload.paging)}`,
    );
  return { size: size as number, page: page as number, info: infoIn(payload) };
}

function infoIn(payload: Record<string, unknown>): Paging["info"] {
  if (payload.return_paging_info_without_counts === true) return "next page";
  return payload.return_paging_info === true ? "counts" : "none";
}
