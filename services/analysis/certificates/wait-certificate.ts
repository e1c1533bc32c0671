import type { Verdict } from '../../core/settlement/records.ts';
import type { Headers } from '../../protocol/names/message-headers.ts';
import type { PreValidation } from '../../protocol/records/control-record.ts';
import type { AskedCondition } from '../../protocol/records/pre-validation.ts';
import type { ChainBegin, TakenRecord } from '../chains/attested-and-earmarked.ts';
import { holdersIn } from '../chains/awaited-attestors.ts';
import { type Certificate, type CertificateBase, sealed } from './certificate-format.ts';
import type { CertifiedPlace } from './gridlock-certificate.ts';

/** A message that is signed, as the pool's log has it. */
export interface CertifiedMessage extends TakenRecord {
  readonly appendedAtMs: number;
  /** Those that are signed, and the signature. */
  readonly headers: Headers;
  /** Its bytes, in standard base64. */
  readonly payload: string;
}

interface CertifiedLeg extends CertifiedMessage {
  /** Since when its money is set aside, ms since 1970; null: it is not. */
  readonly setAsideMs: number | null;
}

/** A key under which a message here is signed. */
export interface CertifiedKey {
  readonly participant: string;
  readonly keyId: string;
  /** 32 bytes, lower-case hex. */
  readonly publicKey: string;
  /** Positions of its records in the pool's input log; null: not revoked as far as that was taken. */
  readonly registeredAt: number;
  readonly revokedAt: number | null;
}

/** What a currency or security is to whom reads amounts. */
export interface CertifiedAsset {
  readonly currency: string;
  readonly minorUnits: number;
  /** The pool that settles it. */
  readonly pool: string;
}

/** What of all that has to be attested one group asks, and what it lacks. */
export interface CertifiedGroup {
  /** Who asks: the policy of the network, the chain's lying in two pools, or its terms. */
  readonly askedBy: 'policy' | 'twoPools' | 'terms';
  readonly isMandatory: boolean;
  readonly threshold: number;
  readonly attestors: readonly string[];
  /** Who has, and it counts. */
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
  /** So many more have to accept; 0: it holds. */
  readonly missing: number;
  /** Who still may. */
  readonly open: readonly string[];
}

/**
 * What a complete chain waits for whose condition is not met, at a place of a pool's history. Whoever trusts the keys of
 * those who signed, and the network's name and policy, can check it without the core (wait-check.ts) and
 * without the log.
 */
export interface WaitCertificate extends CertificateBase {
  readonly format: 'corridor-wait-certificate-1';
  /** The last record of the pool's input log that was taken. */
  readonly position: number;
  /** Of the genesis, as the policy. */
  readonly network: string;
  readonly preValidation: readonly PreValidation[];
  /** All that legs move, in the order of their codes. */
  readonly assets: readonly CertifiedAsset[];
  /** In the order of participants and ids. */
  readonly keys: readonly CertifiedKey[];
  readonly began: ChainBegin;
  /** Those that the pool settles, in their order. */
  readonly legs: readonly CertifiedLeg[];
  /** All that counted, in the order of the log. */
  readonly attestations: readonly CertifiedMessage[];
  /** Of a part that is not its chain's home: all of it is set aside, and the operator alone decides. */
  readonly isPromised: boolean;
  /** Lower-case hex. */
  readonly termsDigest: string;
  /** Those that count: of what is promised the operator's alone. In the order policy, two pools, terms. */
  readonly groups: readonly CertifiedGroup[];
  /** So many groups must hold, mandatory ones counted. */
  readonly threshold: number;
  /** So many more of them have to. */
  readonly missing: number;
  /** Attestors who hold it, in the order of BICs. */
  readonly holders: readonly string[];
  /** Null: none. */
  readonly deadlineMs: number | null;
  /** What follows then where attestors are silent; null: there is no deadline. */
  readonly onSilence: 'settle' | 'release' | null;
  /** Of the queue in which a leg of it waits to be set aside; null: none does. */
  readonly queue: Certificate | null;
}

/** Of a waiting chain what the pool's state says. */
export interface ChainInWait {
  readonly began: ChainBegin;
  readonly isPromised: boolean;
  readonly termsDigest: string;
  readonly asked: AskedCondition;
  /** Whether it lies in two pools. */
  readonly isOver: boolean;
  /** What attestors have said of it that counts, by BIC. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly deadlineMs: number | null;
}

/** What of the log its certificate has. */
export type LoggedPremises = Pick<
  WaitCertificate,
  'position' | 'network' | 'preValidation' | 'assets' | 'keys' | 'legs' | 'attestations'
>;

export function certifyWait(
  { began, isPromised, termsDigest, asked, isOver, verdicts, deadlineMs }: ChainInWait,
  premises: LoggedPremises,
  place: CertifiedPlace,
  queue: Certificate | null,
): WaitCertificate {
  const policy = asked.policy?.groups.length ?? 0;
  const said = (bic: string, ...any: readonly (Verdict | undefined)[]): boolean =>
    any.includes(verdicts.get(bic));
  const all = asked.groups.map((group, at): CertifiedGroup => {
    const { threshold, attestors, isMandatory = false } = group;
    const accepted = attestors.filter((bic) => said(bic, 'accepted'));
    return {
      askedBy: at < policy ? 'policy' : isOver && at === policy ? 'twoPools' : 'terms',
      ...{ isMandatory, threshold, attestors, accepted },
      refused: attestors.filter((bic) => said(bic, 'refused')),
      missing: Math.max(0, threshold - accepted.length),
      open: attestors.filter((bic) => said(bic, 'held', undefined)),
    };
  });
  const groups = isPromised ? all.slice(-1) : all;
  const threshold = isPromised ? 1 : asked.threshold;
  const holding = groups.filter(({ missing }) => missing === 0).length;
  const content = {
    format: 'corridor-wait-certificate-1' as const,
    ...place,
    ...premises,
    ...{ began, isPromised, termsDigest, groups, threshold },
    missing: Math.max(0, threshold - holding),
    holders: holdersIn(verdicts),
    deadlineMs,
    onSilence: deadlineMs === null ? null : asked.onSilence,
    queue,
  };
  return sealed(content);
}
