/** What each scenario of `npm run bench` gets and gives. */
export interface Extent {
  /** In the site's log, where a scenario catches up. */
  events: number;
  /** How often each measurement is taken, where medians are told. */
  rounds: number;
  /** Of a steady stream. */
  seconds: number;
}

export interface Scenario {
  /** For `--only`. */
  name: string;
  /** Of its section in `bench/RESULTS.md`. */
  title: string;
  /** Prints as it goes; resolves with the section. */
  run(extent: Extent): Promise<string>;
}
