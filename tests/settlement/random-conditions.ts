import { encodeRecord } from './flat-records.ts';
import {
  add,
  addEncoded,
  type Draft,
  type Fields,
  newDigest,
  oneIn,
  type RandomChain,
} from './random-draft.ts';
import { addMessage, capped, messageFields } from './random-messages.ts';

export const ATTESTATION_TYPE = 18;
const VERDICTS = { accepted: 0, refused: 1, held: 2, recorded: 3 } as const;
const ACCEPTANCE = 1;
const TRIGGER = 2;
const SILENCE_SETTLES = 4;
const GOES_ON = 8;
const PROMISES = 16;

/** Seconds of a payment's times, some seconds from now. */
function soon(draft: Draft, date: number, least: number, span: number): number {
  const nowSeconds = Math.floor(draft.timeMs / 1000) - (date - 1) * 86_400;
  return Math.max(1, nowSeconds + least + draft.pick(span));
}

const packed = (values: readonly number[]): bigint =>
  values.reduce((sum, value, at) => sum + (BigInt(value) << BigInt(8 * at)), 0n);

/** Groups of who has to attest; most need few of many, so that they are met before the day is over. */
function newCondition(draft: Draft, date: number): Fields {
  const { pick, participants } = draft;
  const everybody = Array.from({ length: participants }, (_, participant) => participant);
  const groups = Array.from({ length: oneIn(draft, 2) ? 1 : 1 + pick(4) }, () => {
    const drawn = everybody.filter(() => oneIn(draft, 3)).slice(0, 4);
    const of = drawn.length > 0 ? drawn : [pick(participants)];
    return { of, threshold: 1 + (oneIn(draft, 2) ? 0 : pick(of.length)) };
  });
  const mandatory = oneIn(draft, 3) ? pick(groups.length + 1) : 0;
  const others = groups.length - mandatory;
  const named = groups.flatMap(({ of }) => of);
  const attestors = Buffer.alloc(48);
  for (const [at, one] of named.entries()) attestors.writeUIntLE(one, 3 * at, 3);
  return {
    attestors,
    mandatoryGroups: mandatory,
    groupCount: groups.length,
    attestorCount: named.length,
    groupSizes: packed(groups.map(({ of }) => of.length)),
    groupThresholds: packed(groups.map(({ threshold }) => threshold)),
    rootThreshold: others === 0 ? 0 : 1 + pick(others),
    deadline: oneIn(draft, 2) ? soon(draft, date, 1, 12) : 0,
  };
}

/** What the terms of a new chain say besides its legs; undefined: nothing. */
export function newFurtherTerms(draft: Draft, date: number, mayBeOne: boolean): Fields | undefined {
  if (!draft.hasConditions || (!mayBeOne && oneIn(draft, 5))) return undefined;
  const condition = mayBeOne || !oneIn(draft, 3) ? newCondition(draft, date) : undefined;
  const isPlain = condition !== undefined && oneIn(draft, 3);
  const mode = isPlain ? 0 : condition !== undefined && oneIn(draft, 3) ? TRIGGER : ACCEPTANCE;
  const expiry = mode !== 0 && !oneIn(draft, 6) ? soon(draft, date, 1, 12) : 0;
  const settles = condition !== undefined && condition.deadline !== 0 && oneIn(draft, 2);
  const goesOn = expiry !== 0 && oneIn(draft, 2);
  const flags = mode + (settles ? SILENCE_SETTLES : 0) + (goesOn ? GOES_ON : 0);
  const terms = promising(draft, { ...condition, expiry, furtherTerms: flags });
  return oneIn(draft, 30) ? { ...terms, ...wrongly(draft) } : terms;
}

/** Of terms with a condition some promise: all groups must hold, and the last decides. Seldom it is asked in vain. */
function promising({ promising: pick }: Draft, terms: Fields): Fields {
  if (pick === null || terms.groupCount === undefined || pick(3) === 0) return terms;
  if (pick(25) === 0) return { ...terms, furtherTerms: Number(terms.furtherTerms) | PROMISES };
  const all = { ...terms, rootThreshold: 0, furtherTerms: ACCEPTANCE | PROMISES };
  // One who decides can say nothing before: who stands in another group too keeps the chain from being promised.
  if (pick(4) === 0) return { ...all, mandatoryGroups: terms.groupCount };
  const size = Number(BigInt(terms.groupSizes as bigint) & 0xffn);
  const least = BigInt(terms.groupThresholds as bigint) & 0xffn;
  return {
    ...{ ...all, mandatoryGroups: 1, groupCount: 1, attestorCount: size },
    ...{ groupSizes: BigInt(size), groupThresholds: least },
  };
}

/** Something that terms must not have. */
function wrongly({ pick, participants }: Draft): Fields {
  const nobody = Buffer.alloc(48);
  nobody.writeUIntLE(participants + pick(2), 3 * pick(2), 3);
  const wrongs: readonly Fields[] = [
    { furtherTerms: 3 },
    { furtherTerms: SILENCE_SETTLES + ACCEPTANCE, deadline: 0 },
    { furtherTerms: GOES_ON, expiry: 0 },
    { furtherTerms: 0, expiry: 5 },
    { furtherTerms: TRIGGER, groupCount: 0 },
    { groupCount: pick(12) },
    { attestorCount: pick(20) },
    { mandatoryGroups: pick(6) },
    { rootThreshold: pick(6) },
    { groupSizes: packed([pick(4), pick(4), pick(4), pick(4)]) },
    { groupThresholds: packed([pick(4), pick(4), pick(4), pick(4)]) },
    { attestors: nobody },
    { attestors: Buffer.alloc(48) },
    { deadline: pick(2) },
    { expiry: pick(2) },
  ];
  return wrongs[pick(wrongs.length)] as Fields;
}

/** Puts the further terms of a leg before it, or leaves them out; what its record has of them then. */
export function sayFurtherTerms(draft: Draft, { further }: RandomChain): Fields {
  if (further === undefined) return {};
  const position = draft.steps.length + 1;
  // A leg that says nothing of a condition that the others have is refused.
  if (further.groupCount !== undefined && oneIn(draft, 40)) return {};
  const at = oneIn(draft, 60) ? position + 1 : position;
  if (!oneIn(draft, 40))
    addEncoded(
      draft,
      encodeRecord('chainTerms', { timeMs: draft.timeMs, ...further, position: at }),
    );
  return { position, furtherTerms: 1 };
}

/** Who is named in a chain's condition. */
function attestorsOf({ further }: RandomChain): number[] {
  if (further?.attestors === undefined) return [];
  const bytes = Buffer.from(further.attestors as Uint8Array);
  const count = Math.min(16, Number(further.attestorCount));
  return Array.from({ length: count }, (_, at) => bytes.readUIntLE(3 * at, 3));
}

/** Some of those whom a chain of late names say something of it, or somebody has something recorded. */
export function addAttestations(draft: Draft, of?: RandomChain): void {
  const { pick, chains } = draft;
  if (of === undefined && oneIn(draft, 15)) {
    const attestor = pick(draft.participants);
    const wrong = oneIn(draft, 6) ? { legCount: pick(3), date: pick(2) } : {};
    const digest = newDigest(draft);
    attest(draft, VERDICTS.recorded, attestor, {
      ...{ ...wrong, ...namedBy(digest), counter: counterOf(digest) },
    });
    return;
  }
  const named = chains.filter(({ further }) => further?.attestors !== undefined).slice(-3);
  const chain = of ?? named[pick(named.length)];
  if (chain === undefined) return;
  const attestors = attestorsOf(chain);
  if (attestors.length === 0) return;
  for (let left = 1 + pick(3); left > 0; left -= 1) {
    const said = pick(16);
    const verdict = said < 11 ? VERDICTS.accepted : said < 13 ? VERDICTS.refused : VERDICTS.held;
    const attestor = oneIn(draft, 12) ? pick(8) : attestors[pick(attestors.length)];
    attest(draft, oneIn(draft, 40) ? 4 : verdict, attestor ?? 0, {
      ...namedBy(chain.digest),
      legCount: oneIn(draft, 30) ? pick(18) : chain.legs.length,
      date: chain.date + (oneIn(draft, 30) ? 1 : 0),
      validUntilMs: oneIn(draft, 3) ? BigInt(draft.timeMs - 50 + pick(5000)) : 0n,
      ...(draft.promising?.(4) === 0 && { chainPosition: BigInt(draft.promising(200)) }),
    });
  }
}

/** By the bytes of the digest, so that days stay what they were: none, a low one, or none that there can be. */
const counterOf = ([first = 0, second = 0]: Uint8Array): bigint =>
  first % 3 === 0 ? 0n : first === 254 ? -1n : BigInt(1 + (second % 5));

const namedBy = (digest: Uint8Array): Fields => ({
  terms: digest.subarray(0, 16),
  termsEnd: Buffer.from(digest).readUInt32LE(16),
});

function attest(draft: Draft, verdict: number, attestor: number, fields: Fields): void {
  addMessage(draft, 'attestation', {
    ...messageFields(draft, ATTESTATION_TYPE, attestor),
    debtorAgent: attestor,
    verdict,
    ...fields,
  });
}

/** What may be set aside of an account for a participant in a date: mostly some amounts for some seconds, or nothing said. */
export function earmarkCap(draft: Draft): bigint {
  const { pick } = draft;
  if (oneIn(draft, 2)) return 0n;
  if (oneIn(draft, 30)) return [-1n, 1n, 2n ** 63n - 1n][pick(3)] as bigint;
  return capped((draft.amounts(pick) * BigInt(1 + pick(30))) / 4n);
}

/** A moment passes in which nothing comes in, up to a whole second: what falls due then does. */
export function addMoment(draft: Draft): void {
  draft.timeMs = Math.ceil((draft.timeMs + 1) / 1000) * 1000;
  add(draft, 'tick', {});
}
