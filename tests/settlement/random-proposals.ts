import { NONE16, SET_MEMBERS } from '../../services/core/settlement/records.ts';
import { readFlatEvent } from '../core/flat-events.ts';
import { leadPositions } from './random-chain-days.ts';
import { add, type Draft, oneIn } from './random-draft.ts';

const WAITS: readonly string[] = ['queued', 'carriedOver', 'matched'];
const ENDS: readonly string[] = ['settled', 'rejected', 'cancelled', 'unwound'];

interface Waiting {
  readonly position: number;
  /** Of a chain those of all its legs. */
  readonly debtors: readonly number[];
  readonly creditors: readonly number[];
  readonly isLinked: boolean;
}

/** Payments that wait, as the events tell. */
function waiting({ steps }: Draft): Waiting[] {
  const found = new Map<number, Waiting>();
  const all = steps.flatMap(({ events }) => events);
  const leads = leadPositions(all);
  for (const event of all) {
    const { kind, paymentPosition: position, currency2, ...told } = readFlatEvent(event, 0);
    const isLinked = kind === 'matched' || currency2 !== NONE16;
    const lead = leads.get(position) ?? position;
    if (WAITS.includes(kind)) {
      const known = found.get(lead);
      found.set(lead, {
        position: lead,
        debtors: [...new Set(known?.debtors).add(told.debtorAgent)],
        creditors: [...new Set(known?.creditors).add(told.creditorAgent)],
        isLinked: isLinked || known?.isLinked === true,
      });
    }
    if (ENDS.includes(kind)) found.delete(position);
  }
  return [...found.values()];
}

/** A payment, and some that pay those who pay. */
function ring({ pick }: Draft, payments: readonly Waiting[]): number[] {
  const set = new Set<Waiting>();
  const linked = payments.filter(({ isLinked }) => isLinked);
  const first = pick(2) === 0 && linked.length > 0 ? linked : payments;
  let next: Waiting | undefined = first[pick(first.length)];
  for (let left = 1 + pick(4); next !== undefined && left > 0; left -= 1) {
    set.add(next);
    const funders = payments.filter(
      (one) =>
        !set.has(one) &&
        [...set].some(({ debtors }) => debtors.some((bank) => one.creditors.includes(bank))),
    );
    next = funders[pick(funders.length)];
  }
  return [...set].map(({ position }) => position);
}

function proposedSets(draft: Draft, position: number): number[][] {
  const { pick } = draft;
  const payments = waiting(draft);
  const member = (): number =>
    payments.length === 0 || oneIn(draft, 25)
      ? pick(position)
      : (payments[pick(payments.length)] as Waiting).position;
  return Array.from({ length: oneIn(draft, 8) ? 0 : 1 + pick(5) }, () => {
    if (payments.length > 0 && !oneIn(draft, 4)) return ring(draft, payments);
    const size = oneIn(draft, 4) ? 13 + pick(4) : 1 + pick(3);
    const some = Array.from({ length: size }, member);
    return oneIn(draft, 20) ? some : [...new Set(some)];
  });
}

/** A few sets of payments that wait, and now and then of what is none, or of a form that there is not. */
export function addProposal(draft: Draft): void {
  const { pick } = draft;
  const position = draft.steps.length + 1;
  for (const set of proposedSets(draft, position))
    for (let at = 0; at < set.length; at += SET_MEMBERS) {
      const piece = set.slice(at, at + SET_MEMBERS);
      const members = new Uint8Array(8 * piece.length);
      for (const [i, one] of piece.entries())
        new DataView(members.buffer).setBigUint64(8 * i, BigInt(one), true);
      const memberCount = oneIn(draft, 80) ? pick(2) * 13 : piece.length;
      const beginsSet = at === 0 && !oneIn(draft, 60) ? 1 : 0;
      add(draft, 'proposedSet', { position, memberCount, beginsSet, members });
    }
  // Sets whose proposal does not follow, or stands elsewhere, are nobody's.
  if (oneIn(draft, 40)) return;
  const own = position + (oneIn(draft, 40) ? 1 : 0);
  const currency1 = oneIn(draft, 3) ? pick(draft.currencies) : NONE16;
  const payloadDigest = Buffer.from(`proposer-${pick(3)}`.padEnd(32, '\0'));
  add(draft, 'proposal', { position: own, currency1, payloadDigest });
}
