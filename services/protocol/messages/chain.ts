import { createHash } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { beyondMaximum } from './amounts.ts';
import {
  agent,
  closed,
  documentBytes,
  id35,
  institution,
  isoDateTime,
  isRefusal,
  LEG_NUMBER_PATTERN,
  message,
  reader,
  uetr,
} from './document.ts';
import type { ChainLeg, ChainLegInstruction, Currencies } from './instruction.ts';
import { legSide, readSide, writeLegSide } from './leg.ts';
import { agentBic, readSettlement, settlementElements, writeSettlement } from './transfer.ts';

/**
 * corridor.chain.1: one leg of a chain of 2 to 16, which settle together or not at all. In leg k DbtrAgt delivers
 * Dlvr to CdtrAgt. The message has the terms of the whole chain and says which leg it instructs: InstgAgt is the
 * DbtrAgt of that leg, and a bank that is debited by several sends one message for each. Legs are of one chain
 * where their terms have one digest. ISO 20022 has no message for it.
 */
export const CHAIN_LEGS_MAX = 16;
const chainLeg = closed({ DbtrAgt: agent, CdtrAgt: agent, Dlvr: legSide });

export const ChainSchema = message({
  Chn: closed({
    MsgId: id35,
    CreDtTm: Type.Optional(isoDateTime),
    ChnId: id35,
    UETR: uetr,
    InstgAgt: agent,
    Legs: Type.Array(chainLeg, { minItems: 2, maxItems: CHAIN_LEGS_MAX }),
    /** Counted from 1. */
    InstdLeg: Type.String({ pattern: LEG_NUMBER_PATTERN }),
    /** What the sender holds the terms' digest to be, in hex. */
    TermsDgst: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
    ...settlementElements,
  }),
});

/** What the banks of a chain agree on. */
export type ChainTerms = Pick<ChainLegInstruction, 'chainId' | 'settlementDate' | 'legs'>;

/** The text of which the digest is taken: lines, each with its end. */
export const termsText = (network: string, { chainId, settlementDate, legs }: ChainTerms): string =>
  [
    ...['corridor.chain.1', network, chainId, settlementDate],
    ...legs.map(
      ({ debtorAgent, creditorAgent, code, minor }) =>
        `${debtorAgent} ${creditorAgent} ${code} ${minor}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');

/** The SHA-256 of the terms, which are bound to their network. */
export const termsDigest = (network: string, terms: ChainTerms): Uint8Array =>
  createHash('sha256').update(termsText(network, terms)).digest();

/**
 * Writes the document.
 * @param decimals the minor units of a currency or security
 * @param digest the digest of the terms, where the bank says what it holds it to be
 */
export function writeChainLeg(
  leg: Omit<ChainLegInstruction, 'termsDigest'>,
  createdAtMs: number,
  decimals: (code: string) => number,
  digest?: Uint8Array,
): Uint8Array {
  return documentBytes<typeof ChainSchema>({
    Chn: {
      MsgId: leg.messageId,
      CreDtTm: new Date(createdAtMs).toISOString(),
      ChnId: leg.chainId,
      UETR: leg.uetr,
      InstgAgt: institution(leg.instructingAgent),
      Legs: leg.legs.map(({ debtorAgent, creditorAgent, code, minor }) => ({
        DbtrAgt: institution(debtorAgent),
        CdtrAgt: institution(creditorAgent),
        Dlvr: writeLegSide({ code, minor }, decimals),
      })),
      InstdLeg: String(leg.legNumber),
      ...(digest && { TermsDgst: Buffer.from(digest).toString('hex') }),
      ...writeSettlement(leg),
    },
  });
}

/** The banks that the legs debit, in their order, of a document that was taken. */
export const debtorAgentsOf = (document: unknown): readonly string[] =>
  (document as Static<typeof ChainSchema>).Chn.Legs.map(({ DbtrAgt }) => agentBic(DbtrAgt));

/** An agent of the terms, and where it stands in the document. */
export interface AgentOfLeg {
  /** Counted from 1. */
  readonly legNumber: number;
  readonly side: 'debtorAgent' | 'creditorAgent';
  readonly bic: string;
  /** The currency or security that the leg moves. */
  readonly code: string;
  readonly path: string;
}

/**
 * The agents of a chain, leg by leg. One that is no participant, or has no account in what its leg moves, keeps the
 * chain from ever being complete.
 * @param document one that was taken
 */
export function* agentsOfLegs(document: unknown): Generator<AgentOfLeg> {
  const legs = (document as Static<typeof ChainSchema> | null)?.Chn.Legs ?? [];
  for (const [place, leg] of legs.entries())
    for (const [name, side] of [
      ['DbtrAgt', 'debtorAgent'],
      ['CdtrAgt', 'creditorAgent'],
    ] as const) {
      const path = `/Chn/Legs/${place}/${name}/FinInstnId/BICFI`;
      const code = 'Ccy' in leg.Dlvr ? leg.Dlvr.Ccy : leg.Dlvr.ISIN;
      yield { legNumber: place + 1, side, bic: agentBic(leg[name]), code, path };
    }
}

/** Reads a document that was parsed strictly; says where and why when it cannot be cleared. */
export const readChainLeg = reader(
  ChainSchema,
  ({ Chn }, currencies, network): ChainLegInstruction | Refusal => {
    const legs: ChainLeg[] = [];
    for (const [place, given] of Chn.Legs.entries()) {
      const leg = readLegTerms(given, `/Chn/Legs/${place}`, currencies, legs[0]);
      if (isRefusal(leg)) return leg;
      legs.push(leg);
    }
    const legNumber = Number(Chn.InstdLeg);
    const instructed = legs[legNumber - 1];
    if (!instructed)
      return refuse(
        'chain-instructed-leg',
        '/Chn/InstdLeg',
        Chn.InstdLeg,
        `must be the number of one of the ${legs.length} legs, counted from 1`,
      );
    const instructingAgent = agentBic(Chn.InstgAgt);
    if (instructingAgent !== instructed.debtorAgent)
      return refuse(
        'instructing-agent',
        '/Chn/InstgAgt/FinInstnId/BICFI',
        instructingAgent,
        `must be DbtrAgt ${instructed.debtorAgent} of leg ${legNumber}`,
      );
    const settlement = readSettlement(Chn, '/Chn');
    if (isRefusal(settlement)) return settlement;
    const terms = { chainId: Chn.ChnId, settlementDate: settlement.settlementDate, legs };
    const digest = termsDigest(network, terms);
    const expected = Buffer.from(digest).toString('hex');
    if (Chn.TermsDgst !== undefined && Chn.TermsDgst !== expected)
      return refuse(
        'chain-terms-digest',
        '/Chn/TermsDgst',
        Chn.TermsDgst,
        `must be ${expected}, not ${Chn.TermsDgst}: the SHA-256 of these terms on network ${network}`,
      );
    return {
      messageId: Chn.MsgId,
      uetr: Chn.UETR,
      instructingAgent,
      legNumber,
      termsDigest: digest,
      ...terms,
      ...settlement,
    };
  },
);

function readLegTerms(
  given: Static<typeof chainLeg>,
  path: string,
  currencies: Currencies,
  first: ChainLeg | undefined,
): ChainLeg | Refusal {
  const moved = readSide(given.Dlvr, `${path}/Dlvr`, currencies);
  if (isRefusal(moved)) return moved;
  const excess = beyondMaximum(moved, `${path}/Dlvr`, currencies);
  if (excess) return excess;
  const pool = currencies.get(first?.code ?? moved.currency)?.pool;
  if (currencies.get(moved.currency)?.pool !== pool)
    return refuse(
      'chain-pool',
      `${path}/Dlvr`,
      moved.currency,
      `must settle in pool ${pool}, as ${first?.code} of leg 1 does`,
    );
  const [debtorAgent, creditorAgent] = [agentBic(given.DbtrAgt), agentBic(given.CdtrAgt)];
  if (debtorAgent === creditorAgent)
    return refuse(
      'chain-leg-agents',
      `${path}/CdtrAgt/FinInstnId/BICFI`,
      creditorAgent,
      'must be another agent than DbtrAgt',
    );
  return { debtorAgent, creditorAgent, code: moved.currency, minor: moved.amountMinor };
}
