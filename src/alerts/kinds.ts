/**
 * What is worth an alert. `docs/alerts.md` has a section for each, with meaning and cure; a test keeps the two equal.
 * A lasting kind is open from its break until it is mended; the others happen, and are over.
 */
import { shellWord } from "../shell-word.ts";
import type { Facts } from "./news.ts";

export interface KindWords {
  lasting: boolean;
  /** Begins the subject, and stays the same over the life of a case. */
  topic(about: About): string;
  /** The first sentence when it breaks. */
  broken(about: About): string;
  /** The first sentence when it is mended. Never asked of kinds that do not last. */
  mended(about: About): string;
  /** For the subject: `running again`. */
  well: string;
  /** What to do. */
  cure: string;
  /** Command lines that help. */
  commands(about: About): string[];
}

export interface About {
  /** The plugin's name, or "the daemon". */
  plugin: string;
  facts: Facts;
}

const status = () => ["callsheet status"];
const ofPlugin = (plugin: string) => [`callsheet plugin ${shellWord(plugin)}`];
const atEvent = ({ facts }: About) => (facts.eventId ? ` at event ${facts.eventId}` : "");

/** A kind that happens and is over. */
function incident(words: Omit<KindWords, "lasting" | "mended" | "well">): KindWords {
  return { ...words, lasting: false, mended: words.broken, well: "over" };
}

function lasting(words: Omit<KindWords, "lasting">): KindWords {
  return { ...words, lasting: true };
}

export const KINDS = {
  plugin_failed: lasting({
    topic: ({ plugin, facts }) => `${plugin}: ${facts.message}`,
    broken: (about) => `${about.plugin} stopped${atEvent(about)}; its events wait.`,
    mended: ({ plugin }) => `${plugin} is running again.`,
    well: "running again",
    cure: "Mend the file: it is loaded again by itself and goes on from this event. Once the cause is gone without a change of the file, start it again; or skip the event.",
    commands: ({ plugin, facts: { eventId } }) => [
      `callsheet retry ${shellWord(plugin)}`,
      ...(eventId ? [`callsheet skip ${shellWord(plugin)} --event ${eventId} --reason "…"`] : []),
    ],
  }),
  plugin_unloadable: lasting({
    topic: ({ plugin }) => `${plugin} does not load`,
    broken: ({ plugin }) => `${plugin} does not load; its events wait.`,
    mended: ({ plugin }) => `${plugin} loads and is running again.`,
    well: "running again",
    cure: "Mend the file: it is loaded again by itself and misses nothing.",
    commands: () => ["callsheet check"],
  }),
  callback_failed: incident({
    topic: ({ plugin, facts }) => `${plugin}: ${facts.message}`,
    broken: (about) =>
      `${about.plugin} failed${atEvent(about)} and went on to the next (stopOnError is off).`,
    cure: "The failures are recorded; the events are not given to the plugin again by themselves.",
    commands: () => ["callsheet failures"],
  }),
  plugin_logged: incident({
    topic: ({ plugin, facts }) => `${plugin} says: ${facts.message}`,
    broken: (about) => `${about.plugin} wrote an error into its log${atEvent(about)}, and goes on.`,
    cure: "It is the plugin's own message: whoever wrote the plugin knows what is to be done.",
    commands: ({ plugin }) => [`callsheet logs ${shellWord(plugin)} --level error`, ...ofPlugin(plugin)],
  }),
  plugin_restarting: lasting({
    topic: ({ plugin }) => `${plugin} dies again and again`,
    broken: ({ plugin }) => `What runs ${plugin} dies and is started again, over and over.`,
    mended: ({ plugin }) => `${plugin} has been running for ten minutes without dying.`,
    well: "steady again",
    cure: "Look at the log for what the plugin does before it dies; it may leak memory, or call process.exit.",
    commands: ({ plugin }) => ofPlugin(plugin),
  }),
  plugin_lagging: lasting({
    topic: ({ plugin }) => `${plugin} lags behind`,
    broken: ({ plugin }) => `${plugin} is running, and far behind the site.`,
    mended: ({ plugin }) => `${plugin} has caught up.`,
    well: "caught up",
    cure: "See what its callbacks wait for; a timeout ends calls that hang.",
    commands: ({ plugin }) => ofPlugin(plugin),
  }),
  plugin_unplaced: lasting({
    topic: ({ plugin }) => `${plugin} has no host`,
    broken: ({ plugin }) => `No host of the cluster runs ${plugin}; its events wait.`,
    mended: ({ plugin }) => `${plugin} is run by a host again.`,
    well: "running again",
    cure: "Bring the plugin's files to all hosts alike, or start a host with the label that it needs. Where the files of one host are right, adopt it there.",
    commands: ({ plugin }) => ["callsheet status", `callsheet adopt ${shellWord(plugin)}`],
  }),
  events_dropped: incident({
    topic: ({ plugin }) => `${plugin} lost events`,
    broken: ({ plugin }) => `The journal outgrew its size, and events went that ${plugin} had not had yet.`,
    cure: "Give the journal more room (retention.maxSize), and start the plugin again that kept it from moving on.",
    commands: status,
  }),
  folder_away: lasting({
    topic: () => "a plugin folder is away",
    broken: () => "A plugin folder cannot be listed; its plugins go on as they were loaded.",
    mended: () => "The plugin folder is there again.",
    well: "there again",
    cure: "Look whether the share is mounted and may be read.",
    commands: () => ["callsheet check"],
  }),
  site_away: lasting({
    topic: () => "the site is away",
    broken: () =>
      "The site cannot be asked for events. Nothing is lost: they are fetched when it answers again.",
    mended: () => "The site answers again.",
    well: "answers again",
    cure: "Look at the site, the network and the script's key.",
    commands: () => ["callsheet check"],
  }),
  site_restored: incident({
    topic: () => "the site was restored",
    broken: () =>
      "The site's event log went back: it was restored from a backup. Its new events are delivered.",
    cure: "Tell those whose plugins keep ids elsewhere: events that were delivered may be gone from the site.",
    commands: status,
  }),
  gap_given_up: incident({
    topic: () => "events that never came",
    broken: () => "Ids were missing from the event log for so long that they count as never having happened.",
    cure: "Mostly somebody's transaction was rolled back. If such events turn up late, raise gapTimeout.",
    commands: () => ["callsheet gaps"],
  }),
  journal_filling: lasting({
    topic: () => "the journal is nearly full",
    broken: () => "The journal is nearly full of events that a plugin has not had yet.",
    mended: () => "The journal has room again.",
    well: "room again",
    cure: "Start the plugin again that is behind, or raise retention.maxSize; else its oldest events go.",
    commands: () => ["callsheet plugins"],
  }),
  disk_low: lasting({
    topic: () => "the disk is nearly full",
    broken: () =>
      "The disk of the state folder is nearly full; when it is full, events are no longer fetched.",
    mended: () => "The disk of the state folder has room again.",
    well: "room again",
    cure: "Make room, or lower retention.maxSize. Nothing is lost: fetching goes on when there is room.",
    commands: status,
  }),
  daemon_stopped: lasting({
    topic: () => "the daemon stopped",
    broken: () => "The daemon gave up and ended. No plugin gets events until it is started again.",
    mended: () => "The daemon is running again.",
    well: "running again",
    cure: "Mend the cause and start it again; it goes on where it was.",
    commands: () => ["callsheet check", "callsheet run"],
  }),
  daemon_killed: incident({
    topic: () => "the daemon was killed",
    broken: () => "The daemon ended without a word, killed or with its machine, and has been started again.",
    cure: "Nothing is lost. See the system's log for who or what ended it.",
    commands: status,
  }),
} satisfies Record<string, KindWords>;

export type Kind = keyof typeof KINDS;

export function wordsOf(kind: Kind): KindWords {
  return KINDS[kind];
}
