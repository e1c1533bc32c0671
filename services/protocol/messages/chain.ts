import { type Static, Type } from '@sinclair/typebox';
import { CONDITION_ATTESTORS_MAX, CONDITION_GROUPS_MAX } from '../../core/settlement/records.ts';
import { textDigest } from '../names/text-digest.ts';
import { type Refusal, refuse } from '../rules/refusal.ts';
import { beyondMaximum } from './amounts.ts';
import {
  agent,
  COUNT_TO_16_PATTERN,
  closed,
  documentBytes,
  GROUP_COUNT_PATTERN,
  id35,
  institution,
  isoDate,
  isoDateTime,
  isRefusal,
  LEG_NUMBER_PATTERN,
  message,
  oneOf,
  reader,
  sha256Hex,
  timeWithZone,
  uetr,
} from './document.ts';
import type {
  ChainCondition,
  ChainEarmark,
  ChainLeg,
  ChainLegInstruction,
  Currencies,
} from './instruction.ts';
import { legSide, readSide, writeLegSide } from './pvp-leg.ts';
import { agentBic, readSettlement, settlementElements, writeSettlement } from './transfer.ts';

/**
 * corridor.chain.1: one leg of a chain of up to 16, which settle together or not at all. In leg k DbtrAgt delivers
 * Dlvr to CdtrAgt. The message has the terms of the whole chain and says which leg it instructs: InstgAgt is the
 * DbtrAgt of that leg, and a bank that is debited by several sends one message for each. Legs are of one chain
 * where their terms have one digest. Cond says what must be attested before the chain settles, and Earmrk when its
 * money is set aside: both are of the terms. ISO 20022 has no message for it.
 */
export const CHAIN_LEGS_MAX = 16;
export { CONDITION_ATTESTORS_MAX, CONDITION_GROUPS_MAX };

const chainLeg = closed({ DbtrAgt: agent, CdtrAgt: agent, Dlvr: legSide });

/** Holds where so many of its attestors have accepted. */
const group = closed({
  MinAttstrs: Type.String({ pattern: COUNT_TO_16_PATTERN }),
  Attstr: Type.Array(agent, { minItems: 1, maxItems: CONDITION_ATTESTORS_MAX }),
  /** It must hold, whatever others do. */
  MndtryInd: Type.Optional(Type.Boolean()),
});
export const groupsElement = Type.Array(group, { minItems: 1, maxItems: CONDITION_GROUPS_MAX });
/** Is met where so many of its groups hold, all mandatory ones among them. */
const condition = closed({
  /** On the settlement date. */
  Ddln: Type.Optional(timeWithZone),
  /** What follows at the deadline where attestors are silent: as if they had accepted, or the chain ends. */
  OnSlnce: oneOf('RELEASE', 'SETTLE'),
  MinGrps: Type.String({ pattern: GROUP_COUNT_PATTERN }),
  Grp: groupsElement,
});
/** The money of each leg is set aside once the chain is complete, or once its condition is met. */
const earmark = closed({
  Tmg: oneOf('ACCEPTANCE', 'TRIGGER'),
  XpryTm: timeWithZone,
  /** The chain then ends, or goes on without an earmark. */
  OnXpry: oneOf('RELEASE', 'CONTINUE'),
});

/** The terms of a chain, as they stand in what is told of it too. */
export const chainTermsElements = {
  Legs: Type.Array(chainLeg, { minItems: 1, maxItems: CHAIN_LEGS_MAX }),
  Cond: Type.Optional(condition),
  Earmrk: Type.Optional(earmark),
};
/** The chain of which something is told. */
export const toldChainElements = {
  ChnId: id35,
  TermsDgst: sha256Hex,
  IntrBkSttlmDt: isoDate,
};
const terms = closed(chainTermsElements);
type TermsElements = Static<typeof terms>;

export const ChainSchema = message({
  Chn: closed({
    MsgId: id35,
    CreDtTm: Type.Optional(isoDateTime),
    ChnId: id35,
    UETR: uetr,
    InstgAgt: agent,
    ...chainTermsElements,
    /** Counted from 1. */
    InstdLeg: Type.String({ pattern: LEG_NUMBER_PATTERN }),
    /** What the sender holds the terms' digest to be, in hex. */
    TermsDgst: Type.Optional(sha256Hex),
    ...settlementElements,
  }),
});

/** What the banks of a chain agree on. */
export type ChainTerms = Pick<
  ChainLegInstruction,
  'chainId' | 'settlementDate' | 'legs' | 'condition' | 'earmark'
>;

/** The text of which the digest is taken: lines, each with its end. */
export const termsText = (
  network: string,
  { chainId, settlementDate, legs, condition, earmark }: ChainTerms,
): string =>
  [
    ...['corridor.chain.1', network, chainId, settlementDate],
    ...legs.map(
      ({ debtorAgent, creditorAgent, code, minor }) =>
        `${debtorAgent} ${creditorAgent} ${code} ${minor}`,
    ),
    ...(condition ? conditionLines(condition) : []),
    ...(earmark ? [`earmark ${earmark.when} ${earmark.expiry} ${earmark.onExpiry}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');

const conditionLines = ({ groups, threshold, deadline, onSilence }: ChainCondition) => [
  `condition ${deadline ?? '-'} ${onSilence}`,
  ...groups.map(({ isMandatory, threshold: least, attestors }) =>
    [isMandatory ? 'mandatory' : 'group', least, ...attestors].join(' '),
  ),
  `of ${threshold}`,
];

/** The SHA-256 of the terms, which are bound to their network. */
export const termsDigest = (network: string, terms: ChainTerms): Uint8Array =>
  textDigest(termsText(network, terms));

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
      ...writeTermsElements(leg, decimals),
      InstdLeg: String(leg.legNumber),
      ...(digest && { TermsDgst: Buffer.from(digest).toString('hex') }),
      ...writeSettlement(leg),
    },
  });
}

export const writeToldChain = ({ chainId, termsDigest, settlementDate }: ChainLegInstruction) => ({
  ChnId: chainId,
  TermsDgst: Buffer.from(termsDigest).toString('hex'),
  IntrBkSttlmDt: settlementDate,
});

export const writeGroups = (groups: ChainCondition['groups']): Static<typeof groupsElement> =>
  groups.map(({ threshold, attestors, isMandatory }) => ({
    MinAttstrs: String(threshold),
    Attstr: attestors.map(institution),
    ...(isMandatory && { MndtryInd: true }),
  }));

/** The elements that say what banks agree on. */
export function writeTermsElements(
  { legs, condition, earmark }: Pick<ChainTerms, 'legs' | 'condition' | 'earmark'>,
  decimals: (code: string) => number,
): TermsElements {
  const elements: TermsElements = {
    Legs: legs.map(({ debtorAgent, creditorAgent, code, minor }) => ({
      DbtrAgt: institution(debtorAgent),
      CdtrAgt: institution(creditorAgent),
      Dlvr: writeLegSide({ code, minor }, decimals),
    })),
  };
  if (condition)
    elements.Cond = {
      ...(condition.deadline !== null && { Ddln: condition.deadline }),
      OnSlnce: condition.onSilence === 'settle' ? 'SETTLE' : 'RELEASE',
      MinGrps: String(condition.threshold),
      Grp: writeGroups(condition.groups),
    };
  if (earmark)
    elements.Earmrk = {
      Tmg: earmark.when === 'trigger' ? 'TRIGGER' : 'ACCEPTANCE',
      XpryTm: earmark.expiry,
      OnXpry: earmark.onExpiry === 'continue' ? 'CONTINUE' : 'RELEASE',
    };
  return elements;
}

/** What a document that was taken says of condition and earmark. */
export function furtherTermsOf(document: unknown): Pick<ChainTerms, 'condition' | 'earmark'> {
  const { Cond, Earmrk } = (document as Static<typeof ChainSchema>).Chn;
  return {
    ...(Cond && { condition: conditionOf(Cond) }),
    ...(Earmrk && { earmark: earmarkOf(Earmrk) }),
  };
}

function conditionOf({ Ddln, OnSlnce, MinGrps, Grp }: Static<typeof condition>): ChainCondition {
  return {
    groups: Grp.map(({ MinAttstrs, Attstr, MndtryInd }) => ({
      threshold: Number(MinAttstrs),
      attestors: Attstr.map(agentBic),
      ...(MndtryInd && { isMandatory: true }),
    })),
    threshold: Number(MinGrps),
    deadline: Ddln ?? null,
    onSilence: OnSlnce === 'SETTLE' ? 'settle' : 'release',
  };
}

function earmarkOf({ Tmg, XpryTm, OnXpry }: Static<typeof earmark>): ChainEarmark {
  return {
    when: Tmg === 'TRIGGER' ? 'trigger' : 'acceptance',
    expiry: XpryTm,
    onExpiry: OnXpry === 'CONTINUE' ? 'continue' : 'release',
  };
}

/** An attestor of a condition, and where it stands in the document. */
export interface AttestorOfTerms {
  readonly bic: string;
  readonly path: string;
}

/** The attestors of a document that was taken, group by group. */
export function* attestorsOf(document: unknown): Generator<AttestorOfTerms> {
  const groups = (document as Static<typeof ChainSchema> | null)?.Chn.Cond?.Grp ?? [];
  for (const [place, { Attstr }] of groups.entries())
    for (const [at, attestor] of Attstr.entries())
      yield {
        bic: agentBic(attestor),
        path: `/Chn/Cond/Grp/${place}/Attstr/${at}/FinInstnId/BICFI`,
      };
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
    if (legs.length < 2 && !Chn.Cond)
      return refuse('chain-legs', '/Chn/Legs', Chn.Legs, 'must have at least 2 legs without Cond');
    const unmeetable = Chn.Cond && faultOfCondition(Chn.Cond);
    if (unmeetable) return unmeetable;
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
    const terms = {
      chainId: Chn.ChnId,
      settlementDate: settlement.settlementDate,
      legs,
      ...furtherTermsOf({ Chn }),
    };
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

/** How many of the groups must hold at least where so many are mandatory: one of the others, as none is there in vain. */
export const leastGroups = (mandatory: number, groups: number): number =>
  mandatory === groups ? groups : mandatory + 1;

/** Why a condition cannot be one; null: it can. */
function faultOfCondition({
  Ddln,
  OnSlnce,
  MinGrps,
  Grp,
}: Static<typeof condition>): Refusal | null {
  let attestors = 0;
  for (const [place, { MinAttstrs, Attstr }] of Grp.entries()) {
    const path = `/Chn/Cond/Grp/${place}`;
    const seen = new Set<string>();
    for (const [at, attestor] of Attstr.entries()) {
      const bic = agentBic(attestor);
      const where = `${path}/Attstr/${at}/FinInstnId/BICFI`;
      attestors += 1;
      if (seen.has(bic))
        return refuse('condition-attestors', where, bic, 'must stand once in its group');
      if (attestors > CONDITION_ATTESTORS_MAX)
        return refuse(
          'condition-attestors',
          where,
          bic,
          `must be one of at most ${CONDITION_ATTESTORS_MAX} attestors of all groups`,
        );
      seen.add(bic);
    }
    if (Number(MinAttstrs) > Attstr.length)
      return refuse(
        'condition-thresholds',
        `${path}/MinAttstrs`,
        MinAttstrs,
        `must be at most ${Attstr.length}, the attestors of the group`,
      );
  }
  if (Number(MinGrps) > Grp.length)
    return refuse(
      'condition-thresholds',
      '/Chn/Cond/MinGrps',
      MinGrps,
      `must be at most ${Grp.length}, the groups`,
    );
  const mandatory = Grp.filter(({ MndtryInd }) => MndtryInd).length;
  if (Number(MinGrps) < leastGroups(mandatory, Grp.length))
    return refuse(
      'condition-thresholds',
      '/Chn/Cond/MinGrps',
      MinGrps,
      mandatory === Grp.length
        ? `must be ${mandatory}, the groups, which are all mandatory`
        : `must be at least ${mandatory + 1}: the ${mandatory} mandatory groups, and one of the others`,
    );
  if (OnSlnce === 'SETTLE' && Ddln === undefined)
    return refuse('condition-deadline', '/Chn/Cond/Ddln', undefined, 'must be there with SETTLE');
  return null;
}

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
