/** What each scenario of `npm run bench` gets and gives. */
export interface Circumstances {
  /** Less of everything: a first look, not a figure. */
  quick: boolean;
}

export interface Scenario {
  /** For `--only`. */
  name: string;
  /** Of its section in `bench/RESULTS.md`. */
  title: string;
  /** Prints as it goes; resolves with the section. */
  run(circumstances: Circumstances): Promise<string>;
}
