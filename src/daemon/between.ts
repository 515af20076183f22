/** What is to be done with a lane as soon as it has no host. */
export class Between {
  #waiting: { work: () => Promise<void>; refuse: (error: Error) => void }[] = [];

  /** Settles as `work` does; rejects when it is refused. */
  add<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ work: () => work().then(resolve, reject), refuse: reject });
    return promise;
  }

  async run(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await next.work();
  }

  refuse(error: Error): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
  }
}
