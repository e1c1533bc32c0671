import type { ReleaseQuestion } from '../analysis/queues/money-to-release-worker.ts';
import type { ViewRelease } from './told-to-page.ts';

export const PENDING: ViewRelease = { kind: 'notKnown', why: 'pending' };

/** An amount of so long ago is told no more, where there was no time for a newer one. */
const KEPT_MS = 10_000;

export interface HeadRelease extends ReleaseQuestion {
  readonly release: ViewRelease;
}

interface Known {
  readonly release: ViewRelease;
  /** Of the queues, in which it was worked out, or tried in vain; -1: it waits for its turn. */
  readonly version: number;
}

const nameOf = ({ position, account }: ReleaseQuestion): string => `${position}/${account}`;

/** What would release the first payments of a pool's queues, as it was worked out last. */
export class HeadReleases {
  /** In the order in which they are to be asked again. */
  #known = new Map<string, Known>();
  /** Of the queues, of the last questions. */
  #version = -1;
  #isWhole = true;

  of(question: ReleaseQuestion): ViewRelease {
    return this.#known.get(nameOf(question))?.release ?? PENDING;
  }

  /** Whether there is something to ask. @param version of the queues */
  isDue(version: number): boolean {
    return version !== this.#version || !this.#isWhole;
  }

  /**
   * Those first of which nothing is known, then those that were worked out longest ago; none twice in
   * one version.
   * @param questions of all heads: of others nothing is remembered
   */
  inTurn(questions: readonly ReleaseQuestion[], version: number): ReleaseQuestion[] {
    this.#version = version;
    const asked = new Map(questions.map((one) => [nameOf(one), one]));
    for (const name of this.#known.keys()) if (!asked.has(name)) this.#known.delete(name);
    const known = [...this.#known]
      .filter(([, entry]) => entry.version !== version)
      .flatMap(([name]) => asked.get(name) ?? []);
    return [...questions.filter((one) => !this.#known.has(nameOf(one))), ...known];
  }

  /** @param answers to what was in turn; the first without one was tried for too long, others not at all */
  take(answers: readonly HeadRelease[], nowMs: number): void {
    const named = answers.map(({ release, ...question }) => ({ name: nameOf(question), release }));
    const late = named.filter(({ release }) => isLate(release));
    const told = named.filter(({ release }) => !isLate(release));
    const older = (name: string) => {
      const release = this.#known.get(name)?.release;
      return release && release.kind !== 'notKnown' && nowMs - release.atMs < KEPT_MS
        ? release
        : null;
    };
    const [tried, ...untried] = late;
    const answered = new Set(named.map(({ name }) => name));
    const entry = (name: string, release: ViewRelease, version: number) =>
      [name, { release, version }] as const;
    this.#known = new Map([
      ...untried.map(({ name }) => entry(name, older(name) ?? PENDING, -1)),
      ...[...this.#known].filter(([name]) => !answered.has(name)),
      ...told.map(({ name, release }) => entry(name, release, this.#version)),
      ...(tried ? [entry(tried.name, older(tried.name) ?? tried.release, this.#version)] : []),
    ]);
    this.#isWhole = untried.length === 0;
  }
}

const isLate = (release: ViewRelease): boolean =>
  release.kind === 'notKnown' && release.why === 'time';
