import { termsDigest } from '../../services/protocol/messages/chain.ts';
import type {
  AttestationInstruction,
  ChainLegInstruction,
} from '../../services/protocol/messages/instruction.ts';
import type { Bic, Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import type { ControlRecord, Genesis } from '../../services/protocol/records/control-record.ts';
import { writeControl } from '../../services/protocol/records/input-record.ts';
import type { Inputs } from '../../services/replay/recorded-inputs.ts';
import { ALFA, BETA, keyOf, NOW, world } from './message-path.ts';

/** Attestors beside the two banks of the message path, by what they attest. */
export const [CARRIER, CUSTOMS, PORT] = ['CARRDE00', 'ZOLLDE00', 'PORTDE00'] as [Bic, Bic, Bic];
export type PathLeg = Omit<ChainLegInstruction, 'termsDigest'>;
type Terms = Pick<PathLeg, 'condition' | 'earmark'>;

const timeMs = NOW - 3_600_000;
const date = '2026-03-16';
const attestors = [CARRIER, CUSTOMS, PORT].flatMap((bic): ControlRecord[] => [
  { ...{ kind: 'participant', timeMs, bic, name: bic, role: 'customs' } },
  {
    ...{ kind: 'key', timeMs, bic, keyId: 'key-1', state: 'registered' },
    publicKey: Buffer.from(keyOf(bic).publicKey).toString('hex'),
  },
]);

/** A condition that so many of these groups meet, each by one of its attestors or by all where `all` says so. */
export const conditionOf = (
  groups: readonly { readonly threshold: number; readonly attestors: readonly Bic[] }[],
  rest: Partial<NonNullable<PathLeg['condition']>> = {},
): NonNullable<PathLeg['condition']> => ({
  ...{ groups, threshold: groups.length, deadline: null, onSilence: 'release' },
  ...rest,
});

/** Chains between Alfa and Beta, who have 1,000.00 EUR each, from signed messages to the events of a real core. */
/** @param earmarkCapMinorSeconds of the euro */
export function conditionalPath(rules: Partial<Genesis> = {}, earmarkCapMinorSeconds?: string) {
  const path = world(
    {
      ...{ chainLegsMax: 16, conditions: true, ...rules },
      limits: {
        ...{ participants: 8, currencies: 4, livePayments: 100 },
        ...{ identities: 100, quotes: 4, limits: 8 },
      },
    },
    attestors,
    earmarkCapMinorSeconds,
  );
  let serial = 0;
  /** Alfa pays Beta and Beta pays Alfa; one leg where `back` is 0. */
  const legsOf = (chainId: string, amount: bigint, back: bigint, terms: Terms): PathLeg[] => {
    const legs = [
      { debtorAgent: ALFA, creditorAgent: BETA, code: 'EUR', minor: amount },
      { debtorAgent: BETA, creditorAgent: ALFA, code: 'EUR', minor: back },
    ].slice(0, back > 0n ? 2 : 1);
    return legs.map(({ debtorAgent }, place) => {
      serial += 1;
      return {
        ...{ messageId: `H-${serial}`, chainId, instructingAgent: debtorAgent },
        uetr: `00000000-0000-4000-a000-${String(serial).padStart(12, '0')}` as Uetr,
        ...{ legs, legNumber: place + 1, settlementDate: date, priority: 'high', ...terms },
      };
    });
  };
  const inputs: Inputs = {
    name: 'the path',
    async read(take) {
      for (const [position, value] of path.record.inputs.entries())
        if (!take('main', position, value)) return;
    },
  };
  const sendAt = (atMs: number, message: ReturnType<typeof path.alfa.chainLeg>) =>
    path.send({ ...message, timestampMs: NOW + atMs });
  return {
    ...path,
    inputs,
    legsOf,
    /** Ms after the path's present, as all times here. */
    instruct: (atMs: number, leg: PathLeg) =>
      sendAt(atMs, path.bank(leg.instructingAgent).chainLeg(leg, NOW + atMs)),
    attest(
      atMs: number,
      of: PathLeg,
      by: Bic,
      verdict: AttestationInstruction['verdict'],
      validForMs: number | null = null,
      reason: string | null = null,
    ) {
      serial += 1;
      const said: AttestationInstruction = {
        ...{ id: `T-${serial}`, sender: by, verdict, recordKind: null, currency: null },
        digest: termsDigest('test-1', of),
        chain: {
          ...{ settlementDate: date, legCount: of.legs.length, reason },
          validUntilMs: validForMs === null ? null : NOW + validForMs,
        },
      };
      return sendAt(atMs, path.bank(by).attestation(said, NOW + atMs));
    },
    control: (atMs: number, control: Record<string, unknown>) =>
      path.clear([writeControl({ ...control, timeMs: NOW + atMs } as unknown as ControlRecord)]),
  };
}
