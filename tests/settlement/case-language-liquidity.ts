import { CYCLE_MECHANISMS, NONE16, NONE32 } from '../../services/core/settlement/records.ts';
import type { encodeRecord } from './flat-records.ts';

type Fields = Parameters<typeof encodeRecord>[1];

/**
 * Rows of liquidity, limits, rules and instructions, beside those of case-language.ts:
 *
 *   limit l1 A>B EUR 50 | limit l1 A>all EUR 50 (multilateral) | limit l1 A>B EUR none
 *   reserve v1 A EUR urgent 50 | reserve v1 A EUR high 0
 *   ask q1 A EUR | ask q1 A all (of all of its accounts)
 *   cancel c1 p1 (the debtor's agent cancels p1) | cancel c1 p1 as C (C tries to)
 *   reorder r1 p1 urgent [to the front]
 *   collateral A EUR 1000 haircut 1000 (basis points)
 *   value EUR 110 haircut 500 (what a minor unit is worth) | across A USD short 44 pooled none
 *   corridor A>B EUR 50 (from the country of A to that of B; each bank is in a country of its own)
 *   issuer EUR C | rules EUR [bypassFifo] [carryOver] [what its cycles do]
 */
export interface RowNames {
  participant(name: string | undefined): number;
  currency(name: string | undefined): number;
  /** Id and digest of a new message of this name. */
  identity(name: string): Fields;
  /** Sender, id and type of a message sent before. */
  target(name: string): { sender: number; id: Uint8Array; messageType: number };
}

type LiquidityKind =
  | 'limit'
  | 'reservation'
  | 'cancellation'
  | 'reordering'
  | 'query'
  | 'collateral'
  | 'valuation'
  | 'crossLimit'
  | 'corridorLimit'
  | 'issuer'
  | 'rules';

/** Of a participant of a world. */
export const countryOf = (participant: number): number => participant + 1;

const PRIORITIES = ['urgent', 'high', 'normal'];
const INSTRUCTION_TYPE = 10;

/** Kind and fields of a row's record; undefined where the row is not of this file. */
export function liquidityRecord(
  names: RowNames,
  words: readonly string[],
): readonly [LiquidityKind, Fields] | undefined {
  const [verb, first, second, third, fourth] = words as [string, ...string[]];
  const message = (participant: number): Fields => ({
    ...names.identity(first as string),
    participant,
    messageType: INSTRUCTION_TYPE,
  });
  if (verb === 'limit') {
    const [own, other] = (second as string).split('>');
    const creditorAgent = other === 'all' ? NONE32 : names.participant(other);
    const amount1 = fourth === 'none' ? -1n : BigInt(fourth as string);
    const currency1 = names.currency(third);
    return ['limit', { ...message(names.participant(own)), creditorAgent, currency1, amount1 }];
  }
  if (verb === 'reserve') {
    const priority = PRIORITIES.indexOf(fourth as string);
    const amount1 = BigInt(words[5] as string);
    const fields = { currency1: names.currency(third), priority, amount1 };
    return ['reservation', { ...message(names.participant(second)), ...fields }];
  }
  if (verb === 'ask' && third === 'of') {
    const { sender, id: target, messageType: targetType } = names.target(fourth as string);
    const about = { creditorAgent: sender, target, targetType, currency1: NONE16 };
    return ['query', { ...message(names.participant(second)), ...about }];
  }
  if (verb === 'ask') {
    const currency1 = third === 'all' ? NONE16 : names.currency(third);
    return ['query', { ...message(names.participant(second)), currency1 }];
  }
  if (verb === 'cancel' || verb === 'reorder') {
    const { sender, id: target, messageType: targetType } = names.target(second as string);
    const by = third === 'as' ? names.participant(fourth) : sender;
    const common = { ...message(by), target, targetType };
    if (verb === 'cancel') return ['cancellation', common];
    const move = words.includes('front') ? 1 : 0;
    const priority = PRIORITIES.indexOf(third as string);
    return ['reordering', { ...common, move, priority: priority === -1 ? 3 : priority }];
  }
  if (verb === 'collateral') {
    const account = { participant: names.participant(first), currency1: names.currency(second) };
    const haircutBps = Number(words[5] ?? 0);
    return ['collateral', { ...account, amount1: BigInt(third as string), haircutBps }];
  }
  if (verb === 'value') {
    const haircutBps = Number(words[4] ?? 0);
    return [
      'valuation',
      { currency1: names.currency(first), amount1: BigInt(second as string), haircutBps },
    ];
  }
  if (verb === 'across') {
    const limit = (word: string | undefined): bigint =>
      word === 'none' ? -1n : BigInt(word ?? -1);
    const own = { participant: names.participant(first), currency1: names.currency(second) };
    return ['crossLimit', { ...own, amount1: limit(fourth), amount2: limit(words[6]) }];
  }
  if (verb === 'corridor') {
    const [country1, country2] = (first as string)
      .split('>')
      .map((name) => countryOf(names.participant(name)));
    const amount1 = BigInt(third as string);
    const fields = { country1: country1 as number, country2: country2 as number, amount1 };
    return ['corridorLimit', { currency1: names.currency(second), ...fields }];
  }
  if (verb === 'issuer')
    return ['issuer', { currency1: names.currency(first), participant: names.participant(second) }];
  if (verb !== 'rules') return undefined;
  const flag = (word: string): number => (words.includes(word) ? 1 : 0);
  return [
    'rules',
    {
      currency1: names.currency(first),
      queueRule: flag('bypassFifo'),
      atClose: flag('carryOver'),
      cycleMechanism: Math.max(
        0,
        CYCLE_MECHANISMS.findIndex((mechanism) => words.includes(mechanism)),
      ),
    },
  ];
}
