import { ProblemError } from '../protocol/names/http-problems.ts';

const REMEMBERED_MAX = 10_000;

/**
 * Whether an operator's command came before: then it gets its answer again and is not logged a second time (`take` in
 * routes-operator.ts). Throws where its id was used for another. A payment's repeat is judged by
 * assembly/settlement/duplicates-and-dispatch.ts.
 * @param before digest of what was taken under the id
 */
export function isSentAgain(id: string, before: string | undefined, digest: string): boolean {
  if (before !== undefined && before !== digest)
    throw new ProblemError('commandConflict', {
      detail: 'another command was given under this id; choose a new id',
      field: 'ce-id',
      value: id,
    });
  return before !== undefined;
}

/** The newest commands of operators. Older ones: command-outcomes.ts. */
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
