import { type Static, Type } from '@sinclair/typebox';
import { CONDITION_ATTESTORS_MAX, CONDITION_GROUPS_MAX } from '../../core/settlement/records.ts';
import type { Bic } from '../names/bic-and-uetr.ts';
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
  Synchronised,
} from './instruction.ts';
import { legSide, readSide, writeLegSide } from './pvp-leg.ts';
import { agentBic, readSettlement, settlementElements, writeSettlement } from './transfer-parts.ts';

/**
 * corridor.chain.1: one leg of a chain of up to 16, which settle together or not at all. In leg k DbtrAgt delivers
 * Dlvr to CdtrAgt. The message has the terms of the whole chain and says which leg it instructs: InstgAgt is the
 * DbtrAgt of that leg, and a bank that is debited by several sends one message for each. Legs are of one chain
 * where their terms have one digest. Cond says what must be attested before the chain settles, and Earmrk when its
 * money is set aside: both are of the terms. Sync says that the legs lie in two pools (docs/settlement.md). ISO 20022
 * has no message for it.
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

/** The first legs are of the home pool, the others of another: what the first does the operator carries over. */
const synchronised = closed({
  Optr: agent,
  NbOfHomeLegs: Type.String({ pattern: COUNT_TO_16_PATTERN }),
});

/** The terms of a chain, as they stand in what is told of it too. */
export const chainTermsElements = {
  Legs: Type.Array(chainLeg, { minItems: 1, maxItems: CHAIN_LEGS_MAX }),
  Cond: Type.Optional(condition),
  Earmrk: Type.Optional(earmark),
  Sync: Type.Optional(synchronised),
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

type ChainDocument = Static<typeof ChainSchema>;
type ChainElements = ChainDocument['Chn'];

/** What the banks of a chain agree on. */
export type ChainTerms = Pick<
  ChainLegInstruction,
  'chainId' | 'settlementDate' | 'legs' | 'condition' | 'earmark' | 'synchronised'
>;

/** The text of which the digest is taken: lines, each with its end. */
export const termsText = (
  network: string,
  { chainId, settlementDate, legs, condition, earmark, synchronised: over }: ChainTerms,
): string =>
  [
    ...['corridor.chain.1', network, chainId, settlementDate],
    ...legs.map(
      ({ debtorAgent, creditorAgent, code, minor }) =>
        `${debtorAgent} ${creditorAgent} ${code} ${minor}`,
    ),
    ...(condition ? conditionLines(condition) : []),
    ...(earmark ? [`earmark ${earmark.when} ${earmark.expiry} ${earmark.onExpiry}`] : []),
    ...(over ? [`synchronised ${over.operator} ${over.homeLegs}`] : []),
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
  {
    legs,
    condition,
    earmark,
    synchronised: over,
  }: Pick<ChainTerms, 'legs' | 'condition' | 'earmark' | 'synchronised'>,
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
  if (over)
    elements.Sync = { Optr: institution(over.operator), NbOfHomeLegs: String(over.homeLegs) };
  return elements;
}

type FurtherTerms = Pick<ChainTerms, 'condition' | 'earmark' | 'synchronised'>;

/** What a document that was taken says besides its legs. */
function furtherTermsIn({ Cond, Earmrk, Sync }: ChainElements): FurtherTerms {
  return {
    ...(Cond && { condition: conditionOf(Cond) }),
    ...(Earmrk && { earmark: earmarkOf(Earmrk) }),
    ...(Sync && { synchronised: synchronisedOf(Sync) }),
  };
}

const synchronisedOf = ({ Optr, NbOfHomeLegs }: Static<typeof synchronised>): Synchronised => ({
  operator: agentBic(Optr),
  homeLegs: Number(NbOfHomeLegs),
});

/** Of a chain over two pools which of its legs, counted from 0, are of the pool of the instructed one; else all. */
export function partOf<Leg>({
  legs,
  legNumber,
  synchronised: over,
}: {
  readonly legs: readonly Leg[];
  readonly legNumber: number;
  readonly synchronised?: Pick<Synchronised, 'homeLegs'> | null | undefined;
}): { readonly from: number; readonly legs: readonly Leg[]; readonly isHome: boolean } {
  if (!over) return { from: 0, legs, isHome: true };
  const isHome = legNumber <= over.homeLegs;
  const from = isHome ? 0 : over.homeLegs;
  return { from, legs: isHome ? legs.slice(0, over.homeLegs) : legs.slice(from), isHome };
}

/** The same of a document that was taken. */
const partIn = (document: unknown) => {
  const { Legs, InstdLeg, Sync } = (document as ChainDocument).Chn;
  const over = Sync && synchronisedOf(Sync);
  return partOf({ legs: Legs, legNumber: Number(InstdLeg), synchronised: over });
};

/**
 * What the terms of a document that was taken ask besides its legs where the pool of the instructed leg settles it. Of a
 * chain over two pools the operator has to accept in both. The home pool asks for it beside all else. In the other pool
 * nobody else is asked, and the chain promises: docs/settlement.md.
 */
export function furtherTermsOf(
  document: unknown,
): Pick<FurtherTerms, 'condition' | 'earmark'> & { readonly promises?: true } {
  const {
    condition,
    earmark,
    synchronised: over,
  } = furtherTermsIn((document as ChainDocument).Chn);
  if (!over) return { ...(condition && { condition }), ...(earmark && { earmark }) };
  const { isHome } = partIn(document);
  const asked = condition ?? { groups: [], threshold: 0, deadline: null, onSilence: 'release' };
  return {
    condition: conditionOfPart(asked, over.operator, isHome),
    ...(earmark && { earmark: earmarkOfPart(earmark, isHome) }),
    ...(!isHome && { promises: true }),
  };
}

interface GroupOf<Attestor> {
  readonly threshold: number;
  readonly attestors: readonly Attestor[];
  readonly isMandatory?: true;
}

/** What of a chain over two pools has to be attested in one of them. @param condition without groups: the terms have none */
export function conditionOfPart<
  Attestor,
  Condition extends { readonly threshold: number; readonly groups: readonly GroupOf<Attestor>[] },
>(condition: Condition, operator: Attestor, isHome: boolean): Condition {
  const { groups, threshold } = condition;
  const others = isHome ? groups : [];
  return {
    ...condition,
    groups: [{ threshold: 1, attestors: [operator], isMandatory: true }, ...others],
    threshold: 1 + (isHome ? threshold : 0),
  };
}

export const earmarkOfPart = <Earmark extends Pick<ChainEarmark, 'when'>>(
  earmark: Earmark,
  isHome: boolean,
): Earmark => (isHome ? earmark : { ...earmark, when: 'acceptance' });

/** What a leg of a chain over two pools says of the other. */
export interface TwoPools {
  readonly operator: Bic;
  readonly isHome: boolean;
  /** What the first leg in the other pool moves. */
  readonly otherCode: string;
}

/** Null: the chain is in one pool. */
export function synchronisedBy(document: unknown): TwoPools | null {
  const { Legs, Sync } = (document as ChainDocument).Chn;
  if (!Sync) return null;
  const { operator, homeLegs } = synchronisedOf(Sync);
  const { isHome } = partIn(document);
  const other = Legs[isHome ? homeLegs : 0]?.Dlvr ?? { Ccy: '' };
  return { operator, isHome, otherCode: 'Ccy' in other ? other.Ccy : other.ISIN };
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

/** The operator of a chain over two pools, of a document that was taken; null: the chain is in one. */
export function synchronisationOperatorOf(document: unknown): AttestorOfTerms | null {
  const { Sync } = (document as ChainDocument | null)?.Chn ?? {};
  return Sync ? { bic: agentBic(Sync.Optr), path: '/Chn/Sync/Optr/FinInstnId/BICFI' } : null;
}

/** The attestors of a document that was taken, group by group. */
export function* attestorsOf(document: unknown): Generator<AttestorOfTerms> {
  const { Cond } = (document as ChainDocument | null)?.Chn ?? {};
  const operator = synchronisationOperatorOf(document);
  if (operator) yield operator;
  if (operator && !partIn(document).isHome) return;
  const groups = Cond?.Grp ?? [];
  for (const [place, { Attstr }] of groups.entries())
    for (const [at, attestor] of Attstr.entries())
      yield {
        bic: agentBic(attestor),
        path: `/Chn/Cond/Grp/${place}/Attstr/${at}/FinInstnId/BICFI`,
      };
}

/** The banks that the legs debit which one pool settles, in their order, of a document that was taken. */
export const debtorAgentsOf = (document: unknown): readonly string[] =>
  partIn(document).legs.map(({ DbtrAgt }) => agentBic(DbtrAgt));

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
 * The agents of a chain, or of what of it the pool of the instructed leg settles, leg by leg. One that is no participant,
 * or has no account in what its leg moves, keeps the chain from ever being complete.
 * @param document one that was taken
 */
export function* agentsOfLegs(document: unknown): Generator<AgentOfLeg> {
  if (document === null) return;
  const { from, legs } = partIn(document);
  yield* agentsIn(legs, from);
}

/** The same of all legs, whichever pool settles them. */
export const agentsOfAllLegs = (document: unknown): Generator<AgentOfLeg> =>
  agentsIn((document as ChainDocument).Chn.Legs, 0);

function* agentsIn(
  legs: readonly ChainElements['Legs'][number][],
  from: number,
): Generator<AgentOfLeg> {
  for (const [at, leg] of legs.entries())
    for (const [name, side] of [
      ['DbtrAgt', 'debtorAgent'],
      ['CdtrAgt', 'creditorAgent'],
    ] as const) {
      const place = from + at;
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
    const over = Chn.Sync && Number(Chn.Sync.NbOfHomeLegs);
    for (const [place, given] of Chn.Legs.entries()) {
      const first = over === undefined || place < over ? 0 : over;
      const leg = readLegTerms(given, `/Chn/Legs/${place}`, currencies, legs, first);
      if (isRefusal(leg)) return leg;
      legs.push(leg);
    }
    const apart = Chn.Sync && faultOfSynchronised(Chn, legs, currencies);
    if (apart) return apart;
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
      ...furtherTermsIn(Chn),
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

/** Why a chain cannot be one over two pools; null: it can. */
function faultOfSynchronised(
  { Legs, Cond, Earmrk, Sync }: ChainElements,
  legs: readonly ChainLeg[],
  currencies: Currencies,
): Refusal | null {
  if (!Sync) return null;
  const { Optr, NbOfHomeLegs } = Sync;
  const operator = agentBic(Optr);
  const home = Number(NbOfHomeLegs);
  const fault = (path: string, value: unknown, text: string) =>
    refuse('chain-two-pools', path, value, text);
  if (home >= Legs.length)
    return fault('/Chn/Sync/NbOfHomeLegs', NbOfHomeLegs, `must be at most ${Legs.length - 1}`);
  const poolOf = (place: number) => currencies.get(legs[place]?.code ?? '')?.pool;
  if (poolOf(0) === poolOf(home))
    return fault(
      `/Chn/Legs/${home}/Dlvr`,
      legs[home]?.code,
      `must not settle in pool ${poolOf(0)}`,
    );
  if (!Earmrk) return fault('/Chn/Earmrk', undefined, 'must be there with Sync');
  if (Earmrk.OnXpry !== 'RELEASE')
    return fault('/Chn/Earmrk/OnXpry', Earmrk.OnXpry, 'must be RELEASE with Sync');
  if (Cond && Cond.OnSlnce !== 'RELEASE')
    return fault('/Chn/Cond/OnSlnce', Cond.OnSlnce, 'must be RELEASE with Sync');
  // Without it a home part that nobody attests would never end, and the other would stay promised.
  if (Cond && Cond.Ddln === undefined)
    return fault('/Chn/Cond/Ddln', undefined, 'must be there with Sync');
  const path = '/Chn/Sync/Optr/FinInstnId/BICFI';
  const isAgent = legs.some((leg) => [leg.debtorAgent, leg.creditorAgent].includes(operator));
  if (isAgent) return fault(path, operator, 'must be no agent of a leg');
  const named = (Cond?.Grp ?? []).flatMap(({ Attstr }) => Attstr.map(agentBic));
  if (named.includes(operator)) return fault(path, operator, 'must stand in no group of Cond');
  if ((Cond?.Grp.length ?? 0) >= CONDITION_GROUPS_MAX || named.length >= CONDITION_ATTESTORS_MAX)
    return fault(
      '/Chn/Cond/Grp',
      undefined,
      'must leave room for the operator, an attestor in a group',
    );
  return null;
}

function readLegTerms(
  given: Static<typeof chainLeg>,
  path: string,
  currencies: Currencies,
  before: readonly ChainLeg[],
  first: number,
): ChainLeg | Refusal {
  const moved = readSide(given.Dlvr, `${path}/Dlvr`, currencies);
  if (isRefusal(moved)) return moved;
  const excess = beyondMaximum(moved, `${path}/Dlvr`, currencies);
  if (excess) return excess;
  const pool = currencies.get(before[first]?.code ?? moved.currency)?.pool;
  if (currencies.get(moved.currency)?.pool !== pool)
    return refuse(
      'chain-pool',
      `${path}/Dlvr`,
      moved.currency,
      `must settle in pool ${pool}, as ${before[first]?.code} of leg ${first + 1} does`,
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
