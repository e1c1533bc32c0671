import { NONE16, NONE32, REPLIES, type Reply } from '../../services/core/settlement/records.ts';
import type { encodeRecord, FlatRecord } from './flat-records.ts';

type Fields = Parameters<typeof encodeRecord>[1];

interface Names {
  readonly currency: (name: string) => number;
  readonly identity: (name: string) => Fields;
  /** The last record of a message. */
  readonly sent: (name: string) => FlatRecord;
}

const PRIORITIES = ['urgent', 'high'];

/**
 * What follows a settled payment, in words: its creditor's agent speaks, unless another is named.
 *
 *   return r1 p1 30 EUR [urgent|high] [by C] [to D] [date 3] (else the date of the payment returned)
 *   reply y1 p1 pending|decided|credited [by C] [to D]
 * @returns undefined where the row is no such
 */
export function returnRecord(
  names: Names,
  participant: (name: string) => number,
  words: readonly string[],
  dayZero: number,
): readonly ['return' | 'reply', Fields] | undefined {
  const [verb, name, about, what, currency] = words as [string, string, string, string, string];
  if (verb !== 'return' && verb !== 'reply') return undefined;
  const original = names.sent(about);
  const after = (word: string, otherwise: number) =>
    words.includes(word) ? participant(words[words.indexOf(word) + 1] as string) : otherwise;
  const sender = after('by', original.creditorAgent);
  const common = {
    ...names.identity(name),
    participant: sender,
    creditorAgent: after('to', original.debtorAgent),
  };
  if (verb === 'reply')
    return [
      verb,
      {
        ...common,
        messageType: 15,
        target: original.id,
        targetType: original.messageType,
        reply: REPLIES.indexOf(what as Reply),
      },
    ];
  const onDay = words.indexOf('date');
  const priority = PRIORITIES.findIndex((word) => words.includes(word));
  return [
    verb,
    {
      ...common,
      messageType: 13,
      debtorAgent: sender,
      currency1: names.currency(currency),
      currency2: NONE16,
      dealer: NONE32,
      date: onDay === -1 ? original.date : dayZero + Number(words[onDay + 1]),
      amount1: BigInt(what),
      priority: priority === -1 ? 2 : priority,
      original: original.id,
      originalType: original.messageType,
    },
  ];
}
