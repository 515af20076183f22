/** The frame: where one can go, whether it is flowing, and the page asked for. */
import type { ComponentType } from "preact";
import { needsLogin } from "./api/ask.ts";
import { connection, refusal, status } from "./api/live.ts";
import { timeOfDay } from "./format.ts";
import { ClusterPage } from "./pages/cluster.tsx";
import { EventPage } from "./pages/event.tsx";
import { Events } from "./pages/events.tsx";
import { Failures } from "./pages/failures.tsx";
import { Gaps } from "./pages/gaps.tsx";
import { Login } from "./pages/login.tsx";
import { Overview } from "./pages/overview.tsx";
import { PluginPage } from "./pages/plugin.tsx";
import { Plugins } from "./pages/plugins.tsx";
import { ReplayPage } from "./pages/replay.tsx";
import { address } from "./route.ts";

interface Place {
  path: RegExp;
  title: string;
  page: ComponentType<{ name: string }>;
}

const PLACES: Place[] = [
  { path: /^\/$/, title: "Overview", page: Overview },
  { path: /^\/plugins$/, title: "Plugins", page: Plugins },
  { path: /^\/plugins\/([^/]+)$/, title: "Plugin", page: PluginPage },
  { path: /^\/replays\/([^/]+)$/, title: "Replay", page: ReplayPage },
  { path: /^\/events$/, title: "Events", page: Events },
  { path: /^\/events\/([^/]+)$/, title: "Event", page: EventPage },
  { path: /^\/failures$/, title: "Failures", page: Failures },
  { path: /^\/gaps$/, title: "Gaps", page: Gaps },
  { path: /^\/cluster$/, title: "Cluster", page: ClusterPage },
];

const LINKS = [
  ["/", "Overview"],
  ["/plugins", "Plugins"],
  ["/events", "Events"],
  ["/failures", "Failures"],
  ["/gaps", "Gaps"],
  ["/cluster", "Cluster"],
] as const;

export function App() {
  const { pathname } = address.value;
  const { place, name } = placeAt(pathname);
  const urgent = status.value?.attention.filter(({ severity }) => severity === "error").length ?? 0;
  // a tab that nobody looks at says how many, too
  document.title = `${urgent > 0 ? `(${urgent}) ` : ""}${name || (place?.title ?? "Not found")} · Callsheet`;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header>
        <a class="brand" href="/">
          Callsheet
        </a>
        <Flow />
        <nav aria-label="Pages">
          {LINKS.filter(([to]) => to !== "/cluster" || isCluster()).map(([to, label]) => (
            <a key={to} href={to} aria-current={isWithin(pathname, to) ? "page" : undefined}>
              {label}
              <Badge to={to} />
            </a>
          ))}
        </nav>
        <Stale />
      </header>
      <main id="main" tabIndex={-1} class={isAway() && status.value ? "stale" : undefined}>
        {needsLogin.value ? <Login /> : place ? <place.page key={name} name={name} /> : <NotFound />}
      </main>
    </>
  );
}

/** How many there are of what should not be. */
function Badge({ to }: { to: (typeof LINKS)[number][0] }) {
  const known = status.value;
  if (!known) return null;
  const standing = known.plugins.filter(
    ({ activity, gone }) => !gone && (activity === "failed" || activity === "unloadable"),
  );
  const unplaced = known.cluster?.plugins.filter(({ waitsFor }) => waitsFor !== null) ?? [];
  const number =
    { "/failures": standing.length, "/gaps": known.reader.openGaps, "/cluster": unplaced.length }[
      to as string
    ] ?? 0;
  return number > 0 ? <span class={`badge ${to === "/gaps" ? "warn" : "bad"}`}>{number}</span> : null;
}

/** A daemon that is alone has no page for it. */
const isCluster = () => (status.value?.cluster ?? null) !== null;

const isAway = () => connection.value === "away" && !needsLogin.value;

/** What is shown is from before the daemon went away. */
function Stale() {
  if (!isAway() || !status.value) return null;
  return (
    <p class="banner">
      No answer since {timeOfDay(status.value.now)}. What is shown is as of then; the page goes on asking.
    </p>
  );
}

/** `place` is undefined where nothing is, which what cannot be decoded is too. */
function placeAt(pathname: string): { place: Place | undefined; name: string } {
  const place = PLACES.find(({ path }) => path.test(pathname));
  try {
    return { place, name: decodeURIComponent(place?.path.exec(pathname)?.[1] ?? "") };
  } catch {
    return { place: undefined, name: "" };
  }
}

/** Is it flowing: the one thing that every page says. */
function Flow() {
  const known = status.value;
  // it answers: that it wants a token is said in the middle of the page
  if (needsLogin.value) return null;
  const [tone, text] =
    connection.value === "away" || (refusal.value && !known)
      ? ["bad", "Daemon does not answer"]
      : !known
        ? ["idle", "Connecting"]
        : known.ready.ready
          ? ["good", "Flowing"]
          : ["bad", "Not flowing"];
  return (
    <p class={`flow ${tone}`} role="status">
      {text}
    </p>
  );
}

function NotFound() {
  return (
    <section class="empty">
      <h1>Nothing is here</h1>
      <p>
        The address is not one of this page's. <a href="/">Go to the overview</a>.
      </p>
    </section>
  );
}

function isWithin(pathname: string, place: string): boolean {
  return place === "/" ? pathname === "/" : pathname === place || pathname.startsWith(`${place}/`);
}
