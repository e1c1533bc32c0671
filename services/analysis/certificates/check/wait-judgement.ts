/**
 * Part of the checker of a wait's certificate: what has to be attested of a chain by its terms and the network's policy,
 * and what follows from what was, message by message. No code here is that of clearing, the core or `explain`.
 */
import type { Verdict } from '../../../core/settlement/records.ts';
import type {
  AttestationInstruction,
  ChainLegInstruction,
} from '../../../protocol/messages/instruction.ts';
import { instantOf, timeSeconds } from '../../../protocol/messages/settlement-times.ts';
import { dayNumber } from '../../../protocol/names/dates.ts';
import { TERMS_DIGEST_BYTES } from '../../../protocol/records/verified-content.ts';
import type { CertifiedGroup, WaitCertificate } from '../wait-certificate.ts';
import type { Read } from './wait-messages.ts';

type JudgedGroup = Pick<CertifiedGroup, 'askedBy' | 'isMandatory' | 'threshold' | 'attestors'>;

/** What has to be attested of a chain. */
export interface JudgedCondition {
  readonly groups: readonly JudgedGroup[];
  readonly threshold: number;
  /** Ms since 1970; null: none. */
  readonly deadlineMs: number | null;
  readonly onSilence: 'settle' | 'release';
  /** Whether it is of a part that promises: its last group decides. */
  readonly promises: boolean;
}

/** The instant of a time on the settlement date of a leg, ms since 1970; records carry seconds. */
export const onDateMs = ({ settlementDate }: ChainLegInstruction, seconds: number): number =>
  instantOf(dayNumber(settlementDate) ?? 0, seconds);

/** Legs of the terms that the pool settles, by number: of a chain over two pools those before or from one on. */
export function ownLegs({ legs, legNumber, synchronised }: ChainLegInstruction): {
  readonly first: number;
  readonly last: number;
} {
  const home = synchronised?.homeLegs ?? legs.length;
  return legNumber <= home ? { first: 1, last: home } : { first: home + 1, last: legs.length };
}

const alone = (askedBy: JudgedGroup['askedBy'], attestor: string): JudgedGroup => ({
  ...{ askedBy, isMandatory: true, threshold: 1, attestors: [attestor] },
});

/** Who has to accept by the corridors of the network, and within which time the first of them. */
function byPolicy(
  { preValidation }: WaitCertificate,
  { legs }: ChainLegInstruction,
): { readonly groups: readonly JudgedGroup[]; readonly withinMs: number | null } {
  const isOf = (country: string | undefined, bic: string): boolean =>
    country === undefined || bic.slice(4, 6) === country;
  const corridors = preValidation.flatMap((corridor) => {
    const to = legs.flatMap((l) => (isOf(corridor.to, l.creditorAgent) ? [l.creditorAgent] : []));
    const isFrom = legs.some((leg) => isOf(corridor.from, leg.debtorAgent));
    const isIn = legs.some((leg) => [undefined, leg.code].includes(corridor.currency));
    return isFrom && isIn && to.length > 0 ? [{ ...corridor, banks: to }] : [];
  });
  const whom = corridors.flatMap((c) => [c.desk, ...(c.creditorAgent ? c.banks : [])]);
  return {
    groups: [...new Set<string>(whom)].map((bic) => alone('policy', bic)),
    withinMs: corridors.length > 0 ? Math.min(...corridors.map((c) => c.withinMs)) : null,
  };
}

/** Seconds that a record can carry of the day before the settlement date and those behind it. */
const SECONDS_LAST = 2 ** 24 - 1;

/** What the terms of a leg and the network's policy ask. */
export function judgedCondition(
  certificate: WaitCertificate,
  leg: ChainLegInstruction,
): JudgedCondition {
  const { condition, synchronised } = leg;
  const isHome = ownLegs(leg).first === 1;
  const policy = byPolicy(certificate, leg);
  const operator = synchronised ? [alone('twoPools', synchronised.operator)] : [];
  const asked = isHome ? condition : undefined;
  const terms = (asked?.groups ?? []).map(({ threshold, attestors, isMandatory }) => ({
    ...{ askedBy: 'terms' as const, isMandatory: isMandatory === true, threshold, attestors },
  }));
  const before = [...policy.groups, ...operator];
  const ends: number[] = [];
  if (condition?.deadline) ends.push(onDateMs(leg, timeSeconds(condition.deadline)));
  if (policy.withinMs !== null) {
    const afterMs = certificate.began.appendedAtMs + policy.withinMs - onDateMs(leg, 0);
    const seconds = Math.min(SECONDS_LAST, Math.max(1, Math.ceil(afterMs / 1000)));
    ends.push(onDateMs(leg, seconds));
  }
  return {
    groups: [...before, ...terms],
    threshold: before.length + (asked?.threshold ?? 0),
    deadlineMs: ends.length > 0 ? Math.min(...ends) : null,
    onSilence: condition?.onSilence ?? 'release',
    promises: !isHome,
  };
}

type Counts = (attestor: string) => boolean;

const groupHolds = ({ attestors, threshold }: JudgedGroup, counts: Counts): boolean =>
  attestors.filter(counts).length >= threshold;

const enough = (groups: readonly JudgedGroup[], threshold: number, counts: Counts): boolean =>
  groups.every((group) => !group.isMandatory || groupHolds(group, counts)) &&
  groups.filter((group) => groupHolds(group, counts)).length >= threshold;

/** What attestors have said, as far as it has been taken. */
export class Heard {
  readonly #said = new Map<string, { readonly verdict: Verdict; readonly untilMs: number }>();

  take({ sender, verdict, chain }: AttestationInstruction): void {
    const untilMs = chain?.validUntilMs ?? Number.POSITIVE_INFINITY;
    this.#said.set(sender, { verdict, untilMs });
  }

  verdictOf(attestor: string): Verdict | undefined {
    return this.#said.get(attestor)?.verdict;
  }

  /** Whether an attestor has accepted, and it counts at an instant. */
  acceptsAt(timeMs: number): Counts {
    return (attestor) => {
      const one = this.#said.get(attestor);
      return one?.verdict === 'accepted' && one.untilMs >= timeMs;
    };
  }

  readonly mayAccept: Counts = (attestor) => this.verdictOf(attestor) !== 'refused';
}

/** What a pool knows of a digest of terms. */
const known = (digest: Uint8Array): Buffer => Buffer.from(digest.subarray(0, TERMS_DIGEST_BYTES));

/** Why an attestation does not count where it stands; null: it does. */
function miscounted(
  certificate: WaitCertificate,
  condition: JudgedCondition,
  leg: ChainLegInstruction,
  { message, said }: Read<AttestationInstruction>,
  heard: Heard,
  isPromised: boolean,
): string | null {
  const { began, legs, pool, assets } = certificate;
  const { position, timeMs } = message;
  const { sender, verdict, digest, chain, currency } = said;
  if (chain === null) return 'it is of a document';
  const isOfTerms = known(digest).equals(known(leg.termsDigest));
  const { settlementDate, legCount, validUntilMs, leg1Position } = chain;
  if (!isOfTerms || settlementDate !== leg.settlementDate || legCount !== legs.length)
    return 'it is of a chain with other terms';
  if (currency !== null && assets.find((a) => a.currency === currency)?.pool !== pool)
    return `it is of the pool of ${currency}`;
  if (position <= began.position) return 'it came before the first leg';
  const isComplete = legs.every((one) => one.position < position);
  const lead = legs[0]?.position ?? 0;
  const named = leg1Position === undefined ? lead : Number(leg1Position);
  if (isComplete ? named !== lead : leg1Position !== undefined && named < began.position)
    return `it is of the chain whose leg 1 is at ${named}`;
  if (!condition.groups.some(({ attestors }) => attestors.some((bic) => bic === sender)))
    return `${sender} is no attestor of this chain`;
  if (validUntilMs !== null && validUntilMs < timeMs) return 'its validity was over';
  const decides = condition.promises && sender === condition.groups.at(-1)?.attestors[0];
  if (decides && verdict === 'accepted' && !isPromised) return 'nothing was promised yet';
  if (isPromised && !decides) return 'the chain was promised';
  const before = heard.verdictOf(sender);
  if (before === 'refused') return `${sender} had refused`;
  const hasLapsed = before === 'accepted' && !heard.acceptsAt(timeMs)(sender);
  return before === verdict && !hasLapsed ? `${sender} had said so` : null;
}

interface Judged {
  readonly heard: Heard;
  /** Whether it has come to be promised. */
  readonly isPromised: boolean;
  readonly faults: readonly string[];
}

/**
 * Goes through what was attested as it was taken, and through the completion of the chain: nothing of it must have met
 * the condition or made it one that can never be met.
 * @param leg any of the chain's
 * @param attestations in the order of the log
 */
export function judgeInOrder(
  certificate: WaitCertificate,
  condition: JudgedCondition,
  leg: ChainLegInstruction,
  attestations: readonly Read<AttestationInstruction>[],
): Judged {
  const { legs } = certificate;
  const heard = new Heard();
  const faults: string[] = [];
  const last = legs.reduce((a, b) => (a.position > b.position ? a : b));
  const others = condition.promises ? condition.groups.slice(0, -1) : [];
  const sinceMs = Math.max(...legs.map((l) => l.setAsideMs ?? Number.POSITIVE_INFINITY));
  let isPromised = false;
  const judge = (at: string, timeMs: number): void => {
    const { groups, threshold } = condition;
    const accepts = heard.acceptsAt(timeMs);
    if (condition.promises && sinceMs <= timeMs)
      isPromised ||= others.every((group) => groupHolds(group, accepts));
    const [of, least] = isPromised ? [groups.slice(-1), 1] : [groups, threshold];
    if (enough(of, least, accepts)) faults.push(`${at}: with it the condition was met`);
    if (!enough(of, least, heard.mayAccept))
      faults.push(`${at}: with it the condition could be met no more`);
  };
  /** Of what promises: the money was all there, perhaps between two messages. */
  let isFunded = false;
  const passFunding = (timeMs: number): void => {
    if (!condition.promises || isFunded || sinceMs > timeMs) return;
    isFunded = true;
    judge('legs', sinceMs);
  };
  let isComplete = false;
  const complete = (): void => {
    isComplete = true;
    judge('legs', last.timeMs);
  };
  for (const one of attestations) {
    const { at, message, said } = one;
    if (!isComplete && message.position > last.position) complete();
    if (isComplete) passFunding(message.timeMs - 1);
    const fault = miscounted(certificate, condition, leg, one, heard, isPromised);
    if (fault !== null) {
      faults.push(`${at}: it does not count: ${fault}`);
      continue;
    }
    heard.take(said);
    if (isComplete) judge(at, message.timeMs);
    else if (!enough(condition.groups, condition.threshold, heard.mayAccept))
      faults.push(`${at}: with it the condition could be met no more`);
  }
  if (!isComplete) complete();
  passFunding(certificate.timeMs);
  return { heard, isPromised, faults };
}

/** The groups that count at an instant, as a certificate has them. */
export function groupsAt(
  groups: readonly JudgedGroup[],
  heard: Heard,
  timeMs: number,
): CertifiedGroup[] {
  const accepts = heard.acceptsAt(timeMs);
  return groups.map((group): CertifiedGroup => {
    const { attestors, threshold } = group;
    const accepted = attestors.filter(accepts);
    return {
      ...group,
      accepted,
      refused: attestors.filter((bic) => !heard.mayAccept(bic)),
      missing: Math.max(0, threshold - accepted.length),
      open: attestors.filter((bic) => heard.mayAccept(bic) && !accepted.includes(bic)),
    };
  });
}
