/** Where the reader is: an address that can be shared. */
import { signal } from "@preact/signals";

export const address = signal(new URL(location.href));

addEventListener("popstate", () => {
  address.value = new URL(location.href);
});

/** Links within the page do not load it again; those with a modifier key, or elsewhere, are the browser's. */
document.addEventListener("click", (click) => {
  const link = (click.target as Element | null)?.closest?.("a");
  if (!link || click.defaultPrevented || click.button !== 0) return;
  if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
  if (link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
  click.preventDefault();
  go(link.href);
});

export function go(to: string): void {
  history.pushState(null, "", to);
  address.value = new URL(location.href);
  scrollTo(0, 0);
  // who goes by keyboard, or listens, goes on with what is new
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** Changes one thing behind the `?` without a new entry in the browser's history; null takes it away. */
export function setQuery(name: string, value: string | null): void {
  const url = new URL(address.value);
  if (value === null || value === "") url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  history.replaceState(null, "", url);
  address.value = url;
}
