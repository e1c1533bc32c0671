import { type Static, Type } from '@sinclair/typebox';
import type { Verdict } from '../../core/settlement/records.ts';
import { ASSET_PATTERN } from '../names/currency-and-isin.ts';
import { dayNumber } from '../names/dates.ts';
import { INT64_MAX } from '../names/minor-units.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { unknownCurrency } from './amounts.ts';
import {
  agent,
  COUNT_TO_16_PATTERN,
  closed,
  documentBytes,
  id35,
  institution,
  isoDate,
  isoDateTime,
  message,
  oneOf,
  reader,
  sha256Hex,
  text,
  utcTime,
} from './document.ts';
import type { AttestationInstruction } from './instruction.ts';
import { agentBic } from './transfer-parts.ts';

/**
 * corridor.attestation.1: Attstr, who sends and signs it, attests of a chain that a fact of its condition holds, does
 * not, or is not decided; or of a document that it has this digest. The first counts for a chain with these terms,
 * this date and so many legs. The second stands alone: the log keeps it, and the document proves against it.
 * ISO 20022 has no message for it.
 */
export const VERDICT_CODES = ['ACCEPT', 'REFUSE', 'HOLD'] as const;
const VERDICT_OF: Readonly<Record<(typeof VERDICT_CODES)[number], Verdict>> = {
  ACCEPT: 'accepted',
  REFUSE: 'refused',
  HOLD: 'held',
};

/** Characters of what an attestor says for people. */
export const REASON_MAX = 105;

/** From 1 on, in 64 bits: what has as many digits as the largest is judged apart. */
const COUNTER_PATTERN = '^[1-9][0-9]{0,18}$';

/** A currency or security that the pool settles, which tells the pool. */
export const ofPool = Type.Optional(Type.String({ pattern: ASSET_PATTERN }));

export const AttestationSchema = message({
  Attstn: closed({
    MsgId: id35,
    CreDtTm: Type.Optional(isoDateTime),
    Attstr: agent,
    Ccy: ofPool,
    Chn: Type.Optional(
      closed({
        /** As the chain's banks have it in their legs. */
        TermsDgst: sha256Hex,
        IntrBkSttlmDt: isoDate,
        NbOfLegs: Type.String({ pattern: COUNT_TO_16_PATTERN }),
        Vrdct: oneOf(...VERDICT_CODES),
        Rsn: Type.Optional(text(REASON_MAX)),
        /** Until then it counts; absent: as long as the chain lives. */
        VldUntil: Type.Optional(utcTime),
        /** Position of the record of leg 1 in its pool's input; absent: whichever chain has these terms. */
        Leg1Pstn: Type.Optional(Type.String({ pattern: COUNTER_PATTERN })),
      }),
    ),
    Rcrd: Type.Optional(
      closed({
        /** The SHA-256 of the document. */
        Dgst: sha256Hex,
        /** What sort of document it is. */
        Knd: text(35),
        /** How far the attestor has counted: never below its last record that has one. */
        Cntr: Type.Optional(Type.String({ pattern: COUNTER_PATTERN })),
      }),
    ),
  }),
});

type Attested = Static<typeof AttestationSchema>['Attstn'];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

export function writeAttestation(
  { id, sender, verdict, digest, chain, recordKind, counter, currency }: AttestationInstruction,
  createdAtMs: number,
): Uint8Array {
  const code = VERDICT_CODES.find((one) => VERDICT_OF[one] === verdict);
  return documentBytes<typeof AttestationSchema>({
    Attstn: {
      MsgId: id,
      CreDtTm: new Date(createdAtMs).toISOString(),
      Attstr: institution(sender),
      ...(currency !== null && { Ccy: currency }),
      ...(chain !== null &&
        code && {
          Chn: {
            TermsDgst: hex(digest),
            IntrBkSttlmDt: chain.settlementDate,
            NbOfLegs: String(chain.legCount),
            Vrdct: code,
            ...(chain.reason !== null && { Rsn: chain.reason }),
            ...(chain.validUntilMs !== null && {
              VldUntil: new Date(chain.validUntilMs).toISOString(),
            }),
            ...(chain.leg1Position !== undefined && { Leg1Pstn: String(chain.leg1Position) }),
          },
        }),
      ...(recordKind !== null && {
        Rcrd: {
          Dgst: hex(digest),
          Knd: recordKind,
          ...(counter !== undefined && { Cntr: String(counter) }),
        },
      }),
    },
  });
}

/** What a document that was taken says in words: why, of a chain; null: nothing, or it is of a record. */
export const reasonAttested = (document: unknown): string | null =>
  (document as Static<typeof AttestationSchema> | null)?.Attstn.Chn?.Rsn ?? null;

export const readAttestation = reader(
  AttestationSchema,
  ({ Attstn }, currencies): AttestationInstruction | Refusal => {
    const { MsgId: id, Attstr, Ccy = null, Chn, Rcrd } = Attstn;
    if ((Chn === undefined) === (Rcrd === undefined))
      return refuse(
        'attestation-subject',
        '/Attstn',
        Attstn,
        Chn ? 'must not have both Chn and Rcrd' : 'must have Chn or Rcrd',
      );
    if (Ccy !== null && !currencies.has(Ccy))
      return unknownCurrency(Ccy, '/Attstn/Ccy', currencies);
    const common = { id, sender: agentBic(Attstr), currency: Ccy };
    if (Rcrd) return ofDocument(Rcrd, common);
    return ofChain(Chn as NonNullable<typeof Chn>, common);
  },
);

function ofDocument(
  { Dgst, Knd, Cntr }: NonNullable<Attested['Rcrd']>,
  common: Pick<AttestationInstruction, 'id' | 'sender' | 'currency'>,
): AttestationInstruction | Refusal {
  const counter = Cntr === undefined ? 0n : BigInt(Cntr);
  if (counter > INT64_MAX)
    return refuse('attestation-counter', '/Attstn/Rcrd/Cntr', Cntr, 'must fit 64 bits');
  const said = {
    id: common.id,
    sender: common.sender,
    currency: common.currency,
    verdict: 'recorded',
    digest: Buffer.from(Dgst, 'hex'),
    chain: null,
    recordKind: Knd,
  } as const;
  return counter === 0n ? said : { ...said, counter };
}

function ofChain(
  {
    TermsDgst,
    IntrBkSttlmDt,
    NbOfLegs,
    Vrdct,
    Rsn,
    VldUntil,
    Leg1Pstn,
  }: NonNullable<Attested['Chn']>,
  common: Pick<AttestationInstruction, 'id' | 'sender' | 'currency'>,
): AttestationInstruction | Refusal {
  if (dayNumber(IntrBkSttlmDt) === null)
    return refuse(
      'settlement-date',
      '/Attstn/Chn/IntrBkSttlmDt',
      IntrBkSttlmDt,
      'must be a date that the calendar has',
    );
  const validUntilMs = VldUntil === undefined ? null : instantOfUtc(VldUntil);
  if (validUntilMs === undefined)
    return refuse(
      'attestation-validity',
      '/Attstn/Chn/VldUntil',
      VldUntil,
      'must be an instant that the calendar has',
    );
  if (Leg1Pstn !== undefined && BigInt(Leg1Pstn) > INT64_MAX)
    return refuse('attestation-counter', '/Attstn/Chn/Leg1Pstn', Leg1Pstn, 'must fit 64 bits');
  // A spread of the common ones takes longer than all else here.
  return {
    id: common.id,
    sender: common.sender,
    currency: common.currency,
    verdict: VERDICT_OF[Vrdct],
    digest: Buffer.from(TermsDgst, 'hex'),
    chain: {
      settlementDate: IntrBkSttlmDt,
      legCount: Number(NbOfLegs),
      validUntilMs,
      reason: Rsn ?? null,
      ...(Leg1Pstn !== undefined && { leg1Position: BigInt(Leg1Pstn) }),
    },
    recordKind: null,
  };
}

/** Of a text in the form of `utcTime`; undefined: the calendar lacks it, or it is before 1970. Dates of the language take six times as long. */
function instantOfUtc(text: string): number | undefined {
  const day = dayNumber(text.slice(0, 10));
  const two = (at: number) => 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * ZERO;
  const [hours, minutes, seconds] = [two(11), two(14), two(17)];
  if (day === null || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const ms = 10 * two(20) + text.charCodeAt(22) - ZERO;
  const atMs = ((day * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000 + ms;
  return atMs > 0 ? atMs : undefined;
}
const ZERO = 0x30;
