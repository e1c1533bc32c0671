/** What the literature, other simulators or arithmetic say, and what Corridor finds. */

/**
 * `exact`: what is expected is known to the unit. `shape`: a direction is expected, and held with an interval.
 * `data missing`: what would be needed is not there, or a scenario cannot say it.
 */
export type Mark = 'exact' | 'shape' | 'data missing';

/** How much is computed; the page has the whole. */
export interface ValidationScope {
  /** Replications of a paired comparison. */
  readonly seeds: number;
  /** Days with drawn payments. */
  readonly days: number;
  /** Levels of liquidity of each bank in the liquidity game, besides none. */
  readonly levels: number;
}

export const WHOLE: ValidationScope = { seeds: 10, days: 20, levels: 20 };

/** What was found, to be held against what is expected; `detail` is said beside it. */
export interface Finding {
  readonly found: string;
  readonly detail?: string;
}

interface ClaimOf<M extends Mark> {
  readonly mark: M;
  readonly claim: string;
  /** Who says so; "from memory" where nobody looked it up. */
  readonly source: string;
  /** Of Corridor. */
  readonly expected: string;
  /** What the source's own program gives, where it means something else and the page says why. */
  readonly elsewhere?: string;
}

/** Nothing of it is stored: each is computed when it is asked for. */
export type Claim =
  | (ClaimOf<'exact'> & { readonly find: (scope: ValidationScope) => Promise<Finding> })
  | (ClaimOf<'shape'> & {
      readonly judge: (scope: ValidationScope) => Promise<Finding & { readonly holds: boolean }>;
    })
  | (ClaimOf<'data missing'> & { readonly why: string });

/** Claims that are explained together on the page. */
export interface ClaimGroup {
  readonly title: string;
  /** What is compared, how it was translated, and where meanings differ: paragraphs of Markdown. */
  readonly text: readonly string[];
  readonly claims: readonly Claim[];
}

export interface Validated extends ClaimOf<Mark>, Finding {
  readonly holds: boolean;
}

export async function validated(claim: Claim, scope: ValidationScope): Promise<Validated> {
  const { mark, claim: words, source, expected, elsewhere } = claim;
  const of = {
    mark,
    claim: words,
    source,
    expected,
    ...(elsewhere !== undefined && { elsewhere }),
  };
  if (claim.mark === 'data missing') return { ...of, found: claim.why, holds: true };
  if (claim.mark === 'shape') return { ...of, ...(await claim.judge(scope)) };
  const found = await claim.find(scope);
  return { ...of, ...found, holds: found.found === expected };
}
