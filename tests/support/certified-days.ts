import { readFileSync } from 'node:fs';
import { certificateDigest } from '../../services/analysis/certificates/certificate-format.ts';
import {
  type AnyCertificate,
  type CertifiedStep,
  CycleCertifier,
  type RunToCertify,
} from '../../services/analysis/certificates/cycle-certificates.ts';
import { createSettlement } from '../../services/core/settlement/settlement.ts';
import { Directory } from '../../services/protocol/names/handles-to-names.ts';
import type { ControlRecord } from '../../services/protocol/records/control-record.ts';
import { EventChain } from '../../services/protocol/records/event-chain.ts';
import { appendEvents } from '../../services/protocol/records/events-message.ts';
import { type Accounts, createWorld, type Rules } from '../settlement/case-language.ts';
import { type ChainsOfDay, randomDay } from '../settlement/random-day.ts';

const wasm = new WebAssembly.Module(
  readFileSync(new URL('../../assembly/corridor.wasm', import.meta.url)),
);

/** Names for all handles that a random day can have. */
function directory(): Directory {
  const names = new Directory();
  for (let p = 0; p < 10; p += 1)
    names.fold({
      kind: 'participant',
      bic: `BANKDE0${p}`,
      name: '',
      role: 'bank',
    } as ControlRecord);
  for (let c = 0; c < 5; c += 1)
    names.fold({ kind: 'currency', currency: `CC${c}`, minorUnits: 2 } as ControlRecord);
  return names;
}

/** Hands a certifier events as clearing would: chained. */
function takenBy(certifier: CycleCertifier): (events: Uint8Array) => CertifiedStep[] {
  const chain = new EventChain();
  return (events) => {
    const before = chain.copy();
    const { firstNumber, count, digestAfter } = appendEvents(chain, events);
    const batch = { events, before, firstNumber, count, digestAfter };
    return certifier.take(batch);
  };
}

/** Tests of one file ask for the same days. */
const days = new Map<string, readonly CertifiedStep[]>();
/**
 * The certificates of all cycles and offsettings of a random day, mechanisms, defaults and all.
 * @param isProposed whether much is proposed on it
 * @param chains which chains banks instruct legs of on it
 */
export function certifiedDay(
  seed: number,
  isProposed = false,
  chains: ChainsOfDay = 'none',
): readonly CertifiedStep[] {
  const key = `${seed} ${isProposed} ${chains}`;
  const known = days.get(key);
  if (known !== undefined) return known;
  const day = dayTold(seed, isProposed, chains, () => false);
  days.set(key, day);
  return day;
}

/** The same, and `writes` is told of each run before it is certified. */
export function dayTold(
  seed: number,
  isProposed: boolean,
  chains: ChainsOfDay,
  writes: (run: RunToCertify) => boolean,
): readonly CertifiedStep[] {
  const settlement = createSettlement(wasm);
  const certifier = new CycleCertifier(settlement, 'main', directory(), () => true, writes);
  const take = takenBy(certifier);
  return randomDay(seed, isProposed, false, chains).flatMap(({ record }) =>
    take(settlement.apply(record, 1)),
  );
}

/** The certificates of a case in words. */
export function certifiedCase(
  rules: Rules,
  accounts: Accounts,
  rows: readonly string[],
): CertifiedStep[] {
  const world = createWorld(wasm, rules, accounts);
  const certifier = new CycleCertifier(world.settlement, 'main', directory());
  const take = takenBy(certifier);
  take(world.history());
  return rows.flatMap((row) => {
    world.say(row);
    return take(world.events());
  });
}

/** The certificate with some of it changed, and the digest that fits. */
export function resealed<T extends AnyCertificate>(certificate: T, changes: Partial<T>): T {
  const content = { ...certificate, ...changes };
  return { ...content, digest: certificateDigest(content) };
}

/** The same with ids that are UETRs, as files of certificates have them. */
export function withUetrs<T extends AnyCertificate>(certificate: T): T {
  const text = JSON.stringify(certificate).replaceAll(
    /"(uetr|pairedWith)":"(.{14})....-...(.{14})"/g,
    '"$1":"$24000-a00$3"',
  );
  return resealed(JSON.parse(text) as T, {});
}
