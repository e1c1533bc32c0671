/**
 * What a counterfactual may change: instructions stay as they were recorded, so a field that decides
 * what participants send, or when, cannot be another one.
 */
import { isDeepStrictEqual } from 'node:util';
import { applyOverrides } from './overrides-by-flags.ts';
import { formatPath, formatValue, type Path, ScenarioError } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';
import { isOverTwoPools } from './schema-chains.ts';

/** A path of the schema, `*` for any name or number, and why nothing below it may differ; null: it may. */
type Rule = readonly [path: string, why: string | null];

const DRAWN = 'it decides what banks instruct';
const OWN = 'it is set by messages of the bank itself (camt.011, camt.012, camt.048)';
const SENT = 'it decides what participants send, and when';
const QUOTED = 'dealers’ quotes were recorded at these rates, and payments carry them';

/** Why no counterfactual has chains over two pools: as recorded, the operator would break its own rules. */
export const ORDERED =
  'what the operator between two pools attests follows from what the pools did, and stays as recorded';

/** The first rule that holds a path decides; what no rule holds may not differ. */
const RULES: readonly Rule[] = [
  ['name', null],
  ['description', null],
  ['batchSize', null],
  ['tickMs', null],
  ['settlement', null],
  ['participants.*.name', null],
  ['participants.*.acrossCurrencies', null],
  ['participants.*.accounts.*.limit', OWN],
  ['participants.*.accounts.*.bilateralLimits', OWN],
  ['participants.*.accounts.*.reservations', OWN],
  ['participants.*.accounts', null],
  ['participants', DRAWN],
  ['currencies.*.opens', null],
  ['currencies.*.closes', null],
  ['currencies.*.zone', null],
  ['currencies.*.holidays', null],
  ['currencies.*.haircutBasisPoints', null],
  ['currencies.*.throughputGuidelines', null],
  ['currencies.*.remittancesUpTo', null],
  ['currencies.*.issuer', null],
  ['deposits.*.quota', null],
  ['deposits.*.balance', null],
  ['securities.*.name', null],
  ['securities.*.opens', null],
  ['securities.*.closes', null],
  ['securities.*.zone', null],
  ['securities.*.holidays', null],
  ['events.creditLines', null],
  ['events.collaterals', null],
  ['events.issues', null],
  ['events.redemptions', null],
  ['events.defaults', null],
  ['events.cycles', null],
  ['events.limits', OWN],
  ['events.reservations', OWN],
  ['events', SENT],
  ['seed', 'all that banks instruct is drawn from it, and their keys are'],
  ['network', 'it is part of every signature'],
  ['pools', 'each message was verified into its pool'],
  ['rates', QUOTED],
  ['quotes', QUOTED],
];

/** Of a live network, whose calendar and time are the machine's. */
const LIVE_RULES: readonly Rule[] = [
  ...['settlement.cyclesAt', 'settlement.currencies.*.cyclesAt', 'events', 'tickMs'].map(
    (path): Rule => [
      path,
      'a live network has no times of a scenario: what its operator commanded stays as recorded',
    ],
  ),
  ...RULES,
];

/**
 * Throws a ScenarioError about the first field that may not differ between the two, naming the
 * override that set it; or where no counterfactual can be.
 * @param file that messages name
 * @param set the overrides by which `after` came of `before`
 */
export function refuseOtherInstructions(
  file: string,
  set: readonly string[],
  before: ScenarioDocument,
  after: ScenarioDocument,
  isLive = false,
): void {
  if (!isLive && isOverTwoPools(before))
    throw new ScenarioError(
      `${file}: synchronisedBy: chains over two pools: expected chains of one pool each; ${ORDERED}: use \`corridor run\` on the scenario`,
    );
  for (const path of differingPaths(before, after)) {
    const why = reasonAgainst(path, isLive ? LIVE_RULES : RULES);
    if (why === null) continue;
    const override = applyOverrides(before, set).applied.findLast(({ path: at }) =>
      at.every((key, depth) => depth >= path.length || path[depth] === key),
    );
    const place = override ? `${file}: --set ${override.text}` : file;
    throw new ScenarioError(
      `${place}: ${formatPath(path)}: ${formatValue(valueAt(after, path))}: expected a field that leaves the recorded instructions as they are; ${why}: use \`corridor run\` on the scenario`,
    );
  }
}

function reasonAgainst(path: Path, rules: readonly Rule[]): string | null {
  const rule = rules.find(([pattern]) =>
    pattern
      .split('.')
      .every((key, depth) => (key === '*' ? depth < path.length : key === path[depth])),
  );
  return rule ? rule[1] : DRAWN;
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce((at: unknown, key) => (at as Tree | undefined)?.[key], value);

type Tree = Readonly<Record<string | number, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;
/**
 * The deepest paths at which two documents differ. What one of them lacks differs in each field of the
 * other's; but one currency or security more is no field, and differs as a whole.
 */
function differingPaths(before: unknown, after: unknown, path: Path = []): Path[] {
  if (isDeepStrictEqual(before, after)) return [];
  const isWhole = path[0] === 'currencies' || path[0] === 'securities';
  const [left, right] = [before, after].map((one) => (isWhole ? one : (one ?? {})));
  if (!isTree(left) || !isTree(right) || Array.isArray(left) !== Array.isArray(right))
    return [path];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap((key) =>
    differingPaths(left[key], right[key], [...path, Array.isArray(left) ? Number(key) : key]),
  );
}
