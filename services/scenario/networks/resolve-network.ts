/** A flow's `network`: along which links its weighed pairs of banks pay. */
import { countryOf } from '../../protocol/names/bic-and-uetr.ts';
import type { LookUps } from '../look-ups.ts';
import type { Path } from '../scenario-error.ts';
import type { ScenarioDocument } from '../schema.ts';
import { cumulate, pick } from '../weighted-picks.ts';
import { networkOfBlocks } from './core-periphery.ts';
import { drawDegrees, movedToSum, networkOfDegrees } from './network-of-degrees.ts';
import {
  networkStream,
  type PairWeights,
  pairWeights,
  type WeighedRow,
  weighedRowsOf,
} from './pair-weights.ts';

export type NetworkDocument = NonNullable<ScenarioDocument['traffic'][number]['network']>;

const KINDS = ['degrees', 'corePeriphery', 'gravity', 'fitted'] as const;
type NetworkKind = (typeof KINDS)[number];

interface NetworkParts {
  readonly flow: string;
  readonly seed: number;
  readonly path: Path;
  readonly directory: LookUps;
  readonly pairs: PairWeights;
}

/** The one kind that a network has. */
function kindOf(network: NetworkDocument, path: Path, { fail }: LookUps): NetworkKind {
  const [kind, other] = KINDS.filter((one) => network[one] !== undefined);
  if (kind === undefined || other !== undefined)
    return fail(path, `one of ${KINDS.join(', ')}`, Object.keys(network));
  if (kind === 'fitted' && network.linkWeights !== undefined)
    fail([...path, 'linkWeights'], 'none beside fitted', network.linkWeights);
  return kind;
}

/** The rows of a flow with what its network makes of their weights; one that is fitted leaves them. */
export function linkedRows(
  network: NetworkDocument,
  rows: readonly WeighedRow[],
  flow: string,
  seed: number,
  path: Path,
  directory: LookUps,
): readonly WeighedRow[] {
  const kind = kindOf(network, path, directory);
  if (kind === 'fitted') return rows;
  const pairs = pairWeights(rows);
  const parts = { flow, seed, path: [...path, kind], directory, pairs };
  const { degrees, corePeriphery, gravity } = network;
  if (gravity) pull(gravity, parts);
  else keep(pairs, degrees ? ofDegrees(degrees, parts) : ofBlocks(corePeriphery!, parts));
  weighLinks(network.linkWeights, { ...parts, path: [...path, 'linkWeights'] });
  return weighedRowsOf(pairs);
}

/** Weights of pairs without a link become 0. */
function keep({ weights }: PairWeights, isLinked: Uint8Array): void {
  for (let pair = 0; pair < weights.length; pair++) weights[pair]! *= isLinked[pair]!;
}

/** Draws of a power law until some network has the degrees. */
const DRAWS_MAX = 100;

function ofDegrees(
  { law, out, in: into }: NonNullable<NetworkDocument['degrees']>,
  { flow, seed, path, directory, pairs }: NetworkParts,
): Uint8Array {
  const { fail, participants } = directory;
  const links = networkStream(seed, flow, 'links');
  const { members } = pairs;
  if (law === undefined) {
    if (out === undefined || into === undefined)
      return fail(path, 'law, or out and in', { out, in: into });
    const degreesOf = (key: 'out' | 'in', degrees: Readonly<Record<string, number>>) =>
      listedBy(degrees, [...path, key], directory, members);
    const [outDegrees, inDegrees] = [degreesOf('out', out), degreesOf('in', into)];
    const sums = [outDegrees, inDegrees].map((degrees) => degrees.reduce((a, b) => a + b, 0));
    if (sums[0] !== sums[1]) fail(path, 'as many links out as in', { out: sums[0], in: sums[1] });
    for (const [at, degrees] of [outDegrees, inDegrees].entries())
      refuseUnpaid(at === 0 ? 'out' : 'in', degrees, path, directory, pairs);
    return (
      networkOfDegrees(outDegrees, inDegrees, links) ??
      fail(path, 'degrees that a network without loops and parallel links can have', {
        out,
        in: into,
      })
    );
  }
  if (out !== undefined || into !== undefined)
    fail([...path, 'law'], 'none beside out and in', law);
  const others = members.length - 1;
  const max = Math.min(law.max ?? others, others);
  if (max < law.min) fail([...path, 'law', 'min'], `at most max, which is ${max} here`, law.min);
  const weighs = (at: number, of: 'row' | 'column') =>
    members.some((_, other) => {
      const pair = of === 'row' ? at * members.length + other : other * members.length + at;
      return pairs.weights[pair]! > 0;
    });
  for (const [at, participant] of members.entries())
    if (!weighs(at, 'row') || !weighs(at, 'column'))
      fail([...path, 'law'], 'banks that may all pay and be paid', participants[participant]!.bic);
  const [outs, ins, moves] = ['out-degrees', 'in-degrees', 'in-degrees-moved'].map((purpose) =>
    networkStream(seed, flow, purpose),
  );
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const drawn = drawDegrees(members.length, law.out, law.min, max, outs!);
    const sum = drawn.reduce((a, b) => a + b, 0);
    const taken = drawDegrees(members.length, law.in, law.min, max, ins!);
    const isLinked = networkOfDegrees(drawn, movedToSum(taken, sum, law.min, max, moves!), links);
    if (isLinked !== null) return isLinked;
  }
  return fail([...path, 'law'], `degrees of which some network comes in ${DRAWS_MAX} draws`, law);
}

/** Numbers by BIC as those of the members; of others 0. */
export function listedBy(
  numbers: Readonly<Record<string, number>>,
  path: Path,
  directory: LookUps,
  members: readonly number[],
): number[] {
  const listed = members.map(() => 0);
  for (const [bic, number] of Object.entries(numbers)) {
    const at = members.indexOf(directory.participant([...path, bic], bic));
    if (at < 0) directory.fail([...path, bic], 'a bank that the flow may have', bic);
    listed[at] = number;
  }
  return listed;
}

/** A bank with a degree must have others to pay, or to be paid by. */
function refuseUnpaid(
  key: 'out' | 'in',
  degrees: readonly number[],
  path: Path,
  { fail, participants }: LookUps,
  { members, weights }: PairWeights,
): void {
  const size = members.length;
  for (const [at, degree] of degrees.entries()) {
    const pairs = members.map((_, other) =>
      key === 'out' ? at * size + other : other * size + at,
    );
    const most = pairs.filter((pair) => weights[pair]! > 0).length;
    const { bic } = participants[members[at]!]!;
    if (degree > most) fail([...path, key, bic], `at most ${most}, its counterparties`, degree);
  }
}

function ofBlocks(
  { size, core, ...densities }: NonNullable<NetworkDocument['corePeriphery']>,
  { flow, seed, path, directory, pairs: { members, weights } }: NetworkParts,
): Uint8Array {
  const { fail, participants } = directory;
  if ((size === undefined) === (core === undefined))
    fail(path, 'either size or core', { size, core });
  if (size !== undefined && size > members.length)
    fail([...path, 'size'], `at most ${members.length}, the flow’s banks`, size);
  const bySize = members
    .map((_, at) => at)
    .sort((a, b) => participants[members[b]!]!.size - participants[members[a]!]!.size || a - b);
  const inside = new Set(
    core === undefined
      ? bySize.slice(0, size)
      : core.map((bic, index) => {
          const at = members.indexOf(directory.participant([...path, 'core', index], bic));
          if (at < 0) fail([...path, 'core', index], 'a bank that the flow may have', bic);
          return at;
        }),
  );
  const stream = networkStream(seed, flow, 'links');
  const isAllowed = (pair: number) => weights[pair]! > 0;
  return networkOfBlocks(members.length, (node) => inside.has(node), densities, isAllowed, stream);
}

/** Factors between countries; the powers of the masses are in the weights already. */
function pull(
  { deterrence }: NonNullable<NetworkDocument['gravity']>,
  { directory, path, pairs: { members, weights } }: NetworkParts,
): void {
  const { participants, fail } = directory;
  const country = (at: number) => countryOf(participants[members[at]!]!.bic);
  const countries = new Set(members.map((_, at) => country(at)));
  for (const between of Object.keys(deterrence))
    if (between.split('/').some((one) => !countries.has(one)))
      fail(
        [...path, 'deterrence', between],
        `two countries of the flow’s banks (${[...countries].sort().join(', ')})`,
        between,
      );
  for (let pair = 0; pair < weights.length; pair++) {
    const from = country(Math.floor(pair / members.length));
    const to = country(pair % members.length);
    weights[pair]! *= deterrence[`${from}/${to}`] ?? deterrence[`${to}/${from}`] ?? 1;
  }
}

/** A mass of a bank to a power; 1 leaves it as it is, digit by digit. */
export const massPower = (mass: number, exponent: number): number =>
  exponent === 1 || mass === 0 ? mass : Math.exp(exponent * Math.log(mass));

/** Each ordered pair has a draw of its own, so that a link keeps its weight whatever others there are. */
function weighLinks(
  linkWeights: NetworkDocument['linkWeights'],
  { flow, seed, path, directory: { fail }, pairs: { weights } }: NetworkParts,
): void {
  if (linkWeights === undefined) return;
  const { exponent, max, list } = linkWeights;
  if ((exponent === undefined) === (list === undefined))
    fail(path, 'either exponent and max, or list', linkWeights);
  if (list !== undefined && max !== undefined) fail([...path, 'max'], 'none beside list', max);
  if (list === undefined && max === undefined) fail([...path, 'max'], 'the largest weight');
  const stream = networkStream(seed, flow, 'link-weights');
  const sums = cumulate((list ?? []).map(() => 1));
  for (let pair = 0; pair < weights.length; pair++) {
    const u = stream.uniform();
    weights[pair]! *= list ? list[pick(sums, u)]! : paretoBelow(u, exponent!, max!);
  }
}

/** From a density on [1, max] that falls as x to the -exponent, by its inverse. */
export function paretoBelow(u: number, exponent: number, max: number): number {
  const most = Math.log(max);
  const rest = 1 - exponent;
  if (rest === 0) return Math.exp(u * most);
  return Math.exp(Math.log(1 + u * (Math.exp(rest * most) - 1)) / rest);
}
