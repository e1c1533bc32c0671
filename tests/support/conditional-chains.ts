/** For tests of chains with conditions: two banks, a carrier and a customs office over the path of messages. */
import { termsDigest } from '../../services/protocol/messages/chain.ts';
import type {
  AttestationInstruction,
  ChainLegInstruction,
} from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { ControlRecord, Genesis } from '../../services/protocol/records/control-record.ts';
import { ALFA, BETA, keyOf, NOW, world } from './message-path.ts';

export const [CARRIER, CUSTOMS] = ['CARRDE00', 'ZOLLDE00'] as [Bic, Bic];
export const foundedMs = NOW - 3_600_000;
export const chainDate = '2026-03-16';

/** Two banks with 1,000.00 EUR each; a carrier and a customs office, which have no account. */
const attestors = ([CARRIER, CUSTOMS] as const).flatMap((bic): ControlRecord[] => [
  {
    ...{ kind: 'participant', timeMs: foundedMs, bic, name: bic },
    role: bic === CARRIER ? 'carrier' : 'customs',
  },
  {
    ...{ kind: 'key', timeMs: foundedMs, bic, keyId: 'key-1', state: 'registered' },
    publicKey: Buffer.from(keyOf(bic).publicKey).toString('hex'),
  },
]);

export type ConditionalLeg = Omit<ChainLegInstruction, 'termsDigest'>;
const both = [CARRIER, CUSTOMS].map((bic) => ({ threshold: 1, attestors: [bic] }));
export const condition = {
  ...{ groups: both, threshold: 2, deadline: '15:00:00Z', onSilence: 'release' as const },
};
export const earmark = {
  ...{ when: 'acceptance' as const, expiry: '15:30:00Z', onExpiry: 'release' as const },
};

let serial = 0;
/** Alfa pays Beta 250.00 EUR: a chain of one leg. */
export function leg(change: Partial<ConditionalLeg> = {}): ConditionalLeg {
  serial += 1;
  return {
    ...{ messageId: `H-${serial}`, chainId: `CARGO-${serial}`, instructingAgent: ALFA },
    uetr: `00000000-0000-4000-a000-${String(serial).padStart(12, '0')}` as Uetr,
    legs: [{ debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: 25_000n }],
    ...{ legNumber: 1, settlementDate: chainDate, priority: 'normal', condition },
    ...change,
  };
}

export function conditioned(rules: Partial<Genesis> = {}, controls: readonly ControlRecord[] = []) {
  const path = world({ chainLegsMax: 16, conditions: true, ...rules }, [...attestors, ...controls]);
  const attested = (
    of: ConditionalLeg,
    by: Bic,
    verdict: AttestationInstruction['verdict'],
    reason = '',
    validUntilMs: number | null = null,
  ) =>
    path.bank(by).attestation(
      {
        ...{ id: `T-${++serial}`, sender: by, verdict, recordKind: null, currency: null },
        digest: termsDigest('test-1', of),
        chain: {
          ...{ settlementDate: of.settlementDate, legCount: of.legs.length },
          ...{ validUntilMs, reason: reason === '' ? null : reason },
        },
      },
      NOW,
    );
  return {
    ...path,
    attested,
    instruct: (one: ConditionalLeg) =>
      path.send(path.bank(one.instructingAgent).chainLeg(one, NOW)),
    attest: (...of: Parameters<typeof attested>) => path.send(attested(...of)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what is told is read at any place.
export type Body = any;
/** Who is told what, and what beside the reason. */
export const toldIn = ({ statuses, statusTopics }: { statuses: Body[]; statusTopics: string[] }) =>
  statuses.map((body, index) => {
    const to = statusTopics[index]?.slice('statuses.'.length);
    if (body.AttstnReq) return `${to} ${body.AttstnReq.Sts} ${body.AttstnReq.ChnId}`;
    if (body.ChnAllgmt) return `${to} ${body.ChnAllgmt.Sts}`;
    const receipt = body.Document.Rct?.RctDtls[0].ReqHdlg;
    if (receipt)
      return `${to} ${receipt.map((one: Body) => `${one.StsCd} ${one.Desc ?? ''}`.slice(0, 9).trim())}`;
    const { TxSts, StsRsnInf } = body.Document.FIToFIPmtStsRpt.TxInfAndSts[0];
    const { Rsn, AddtlInf = [] } = StsRsnInf?.[0] ?? {};
    const words = [TxSts, Rsn?.Prtry ?? Rsn?.Cd, ...AddtlInf.slice(Rsn ? 2 : 0)].filter(Boolean);
    return `${to} ${words.join(' ')}`;
  });
