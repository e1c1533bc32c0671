/**
 * How cosigners are counted. How many are asked for stands in each network's evidence-policy:
 * a sandbox's by sandbox/witness-keys-and-majority.ts, that of `corridor found` by its --witness-quorum.
 */

import { type Checkpoint, parseCheckpoint, sizeFrom } from './checkpoint.ts';
import {
  EvidenceFault,
  isSignedBy,
  KEY_TYPE,
  type NoteKey,
  parseNote,
  parseVerifierKey,
  type SignedNote,
  verifierKey,
} from './signed-note.ts';

/**
 * Whose checkpoints are believed (c2sp.org/tlog-policy): which logs, and which of the witnesses have to have seen one.
 */
export interface Policy {
  readonly logs: readonly NoteKey[];
  /** Also those that no quorum asks for. */
  readonly witnesses: readonly NoteKey[];
  /** The witnesses that signed satisfy it. */
  readonly isMet: (signed: (witness: NoteKey) => boolean) => boolean;
}

/** What the name of an auditor's key has, so that nobody takes its cosignature for a witness's. */
export const isAuditorName = (name: string): boolean => /^[^\s+]+\/auditor\/[^\s+/]+$/.test(name);

/**
 * A policy under which nothing is met that no auditor cosigned, whoever else did, and no two histories are by cosigners
 * of which each cosigns one.
 * @throws EvidenceFault where it is none, or has not the log of this key
 */
export function parseAuditorsPolicy(text: string, logKey: string): Policy {
  const policy = parsePolicy(text);
  if (!policy.logs.some((key) => verifierKey(key) === logKey))
    throw new EvidenceFault(`it has no line log ${logKey}`);
  if (policy.isMet(({ name }) => !isAuditorName(name)))
    throw new EvidenceFault(
      'its quorum is met without an auditor; expected one that asks for keys of the name <domain>/auditor/<who>',
    );
  if (policy.isMetTwice)
    throw new EvidenceFault(
      'its quorum is met twice by cosigners that share none, so that two histories could be final; expected one that asks for more than half of its auditors',
    );
  return policy;
}

/** How many of these a policy asks for, the first of them before the others, where all others signed. */
export function leastAsked({ isMet }: Pick<Policy, 'isMet'>, some: readonly NoteKey[]): number {
  let asked = 0;
  const isIn = (key: NoteKey) => !some.includes(key) || some.indexOf(key) < asked;
  while (asked < some.length && !isMet(isIn)) asked += 1;
  return asked;
}

/** Cosigners of which so many are asked for. */
export interface CosignerGroup {
  readonly name: string;
  readonly least: number;
  readonly members: readonly (readonly [label: string, key: string])[];
}

/** A policy that believes these logs, and asks for so many of each group. @param groups at least one */
export function formatPolicy(logs: readonly string[], groups: readonly CosignerGroup[]): string {
  const names = groups.map(({ name }) => name);
  const lines = [
    ...logs.map((key) => `log ${key}`),
    ...groups.flatMap(({ members }) => members.map(([label, key]) => `witness ${label} ${key}`)),
    ...groups.map(
      ({ name, least, members }) =>
        `group ${name} ${least} ${members.map(([label]) => label).join(' ')}`,
    ),
    ...(names.length > 1 ? [`group each all ${names.join(' ')}`] : []),
    `quorum ${names.length > 1 ? 'each' : names[0]}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** A witness, a group, or what a quorum none asks for. */
interface Component {
  readonly isMet: Policy['isMet'];
  /** Whether its cosigners can be parted in two so that each part meets it. */
  readonly isMetTwice: boolean;
}

const NONE: Component = { isMet: () => true, isMetTwice: true };

/** @throws EvidenceFault, with the line's number */
export function parsePolicy(text: string): Policy & Pick<Component, 'isMetTwice'> {
  const logs: NoteKey[] = [];
  const witnesses: NoteKey[] = [];
  const components = new Map<string, Component>();
  const grouped = new Set<string>();
  let quorum: Component | null = null;
  const lines = text.split('\n');
  lines.forEach((line, at) => {
    const fail = (message: string): never => {
      throw new EvidenceFault(`policy, line ${at + 1}: ${message}`);
    };
    if (line.endsWith('\r')) fail('it ends with CR LF, expected LF alone');
    if (/[^\P{Cc}\t]/u.test(line)) fail('it has control characters');
    const [word, ...rest] = line.split(/[ \t]+/).filter((one) => one !== '');
    if (word === undefined || word.startsWith('#')) return;
    const parsed = (one: string | undefined): NoteKey => {
      try {
        return parseVerifierKey(one ?? '');
      } catch (error) {
        return fail((error as EvidenceFault).message);
      }
    };
    const key = (one: string | undefined, type: number, others: NoteKey[]): NoteKey => {
      const found = parsed(one);
      if (found.type !== type) fail(`a key of type ${found.type}, expected ${type} for a ${word}`);
      if (others.some(({ publicKey }) => Buffer.compare(publicKey, found.publicKey) === 0))
        fail(`a second ${word} with the key of ${found.name}`);
      others.push(found);
      return found;
    };
    const define = (name: string | undefined, component: Component): void => {
      if (name === undefined || name === 'none' || components.has(name))
        fail(`the name ${name ?? ''} is missing, defined before, or none`);
      components.set(name as string, component);
    };
    const known = (name: string | undefined): Component =>
      components.get(name ?? '') ?? fail(`${name ?? 'no name'} is defined in no line before`);
    const want = (least: number, most: number, expected: string): void => {
      if (rest.length < least || rest.length > most) fail(`expected ${expected}`);
    };
    if (word === 'log') {
      want(1, 2, 'log <key> [<url>]');
      key(rest[0], KEY_TYPE.log, logs);
    } else if (word === 'witness') {
      want(2, 3, 'witness <name> <key> [<url>]');
      const witness = key(rest[1], KEY_TYPE.cosignature, witnesses);
      define(rest[0], { isMet: (signed) => signed(witness), isMetTwice: false });
    } else if (word === 'group') {
      want(3, Number.POSITIVE_INFINITY, 'group <name> all|any|<k> <name>...');
      const [name, threshold = '', ...members] = rest;
      const all = members.length;
      const least =
        threshold === 'any' ? 1 : threshold === 'all' ? all : (sizeFrom(threshold) ?? 0);
      if (least < 1 || least > all) fail(`${threshold} of ${all} members; expected 1 to ${all}`);
      const parts = members.map((member) => {
        if (grouped.has(member)) fail(`${member} is in a group before`);
        grouped.add(member);
        return known(member);
      });
      // None is in two groups: those that are met twice count on both sides, each other one on one side.
      const both = parts.filter(({ isMetTwice }) => isMetTwice).length;
      define(name, {
        isMet: (signed) => parts.filter(({ isMet }) => isMet(signed)).length >= least,
        isMetTwice: 2 * Math.max(0, least - both) <= all - both,
      });
    } else if (word === 'quorum') {
      want(1, 1, 'quorum <name>');
      if (quorum) fail('a second quorum');
      quorum = rest[0] === 'none' ? NONE : known(rest[0]);
    } else fail(`${word} is no keyword; expected log, witness, group or quorum`);
  });
  if (!quorum) throw new EvidenceFault('policy: it has no line quorum');
  return { logs, witnesses, ...(quorum as Component) };
}

/** A checkpoint that a policy takes. */
export interface TrustedCheckpoint extends Checkpoint {
  readonly note: SignedNote;
  readonly log: NoteKey;
}

/** @throws EvidenceFault where the policy does not take it */
export function openCheckpoint(text: string, policy: Policy): TrustedCheckpoint {
  const checkpoint = signedCheckpoint(text, policy);
  if (!policy.isMet((witness) => isSignedBy(checkpoint.note, witness)))
    throw new EvidenceFault(
      `the checkpoint of ${checkpoint.origin} has not the cosignatures of the policy's quorum`,
    );
  return checkpoint;
}

/**
 * Whoever has seen it: what a log signed binds the log.
 * @throws EvidenceFault where none of these logs signed it
 */
export function signedCheckpoint(text: string, { logs }: Pick<Policy, 'logs'>): TrustedCheckpoint {
  const note = parseNote(text);
  const checkpoint = parseCheckpoint(note.text);
  const log = logs.find((key) => key.name === checkpoint.origin && isSignedBy(note, key));
  if (!log)
    throw new EvidenceFault(
      `the checkpoint of ${checkpoint.origin} is signed by no log of that name in the policy`,
    );
  return { ...checkpoint, note, log };
}
