const REMEMBERED_MAX = 10_000;

/**
 * The newest commands of operators, so that what is sent again is not logged again: `take` in routes-operator.ts asks and answers.
 * Older ones: command-outcomes.ts.
 */
export class RememberedCommands {
  /** Digests by pool and id. */
  readonly #taken = new Map<string, string>();

  digestOf(name: string): string | undefined {
    return this.#taken.get(name);
  }

  remember(name: string, digest: string): void {
    this.#taken.set(name, digest);
    if (this.#taken.size <= REMEMBERED_MAX) return;
    const [oldest] = this.#taken.keys();
    this.#taken.delete(oldest as string);
  }
}
