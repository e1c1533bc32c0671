/** Participants of a checked document: their accounts, and what they order for the whole run. */
import { INT64_MAX } from '../protocol/names/minor-units.ts';
import { isAttestorRole } from '../protocol/names/participant-roles.ts';
import type { LookUps } from './look-ups.ts';
import { resolveAcross } from './resolve-cross-limits.ts';
import type {
  Bilateral,
  LimitEvent,
  ReservationEvent,
  ScenarioAccount,
  ScenarioParticipant,
} from './scenario.ts';
import type { Fail, Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

type AccountDocument = ScenarioDocument['participants'][number]['accounts'][string];

const TEST_BIC_EXPECTED = 'a test BIC of 8 or 11 characters, the eighth a 0, such as "BANKDE00"';

/** ISO 9362: a real institution's code has no 0 in the eighth place. */
export const isTestBic = (bic: string): boolean => bic[7] === '0';

/** @param directory whose participants are not yet known */
export function resolveParticipants(
  document: ScenarioDocument,
  directory: LookUps,
): ScenarioParticipant[] {
  const { fail } = directory;
  const numberOf = new Map<string, number>();
  const entries = document.participants.flatMap((entry, index) =>
    branchesOf(entry, index, fail).map((participant) => ({ participant, index })),
  );
  for (const [number, { participant, index }] of entries.entries()) {
    const { bic } = participant;
    if (!document.realBics && !isTestBic(bic))
      fail(['participants', index, 'bic'], TEST_BIC_EXPECTED, bic);
    const earlier = numberOf.get(bic);
    if (earlier !== undefined)
      fail(
        ['participants', index, 'bic'],
        `each BIC once; participants[${entries[earlier]!.index}] has this one`,
        bic,
      );
    numberOf.set(bic, number);
  }
  const totals = new Map<number, bigint>();
  return entries.map(({ participant, index }) => {
    const { bic, name, role, syntax, size, accounts } = participant;
    const across = ['participants', index, 'acrossCurrencies'];
    if (isAttestorRole(role) && Object.keys(accounts).length > 0)
      fail(['participants', index, 'accounts'], `no accounts of a ${role}: it attests`, accounts);
    return {
      bic,
      name,
      role,
      ...(syntax && { syntax }),
      size,
      accounts: Object.entries(accounts).map(([code, account]) => {
        const path = ['participants', index, 'accounts', code];
        const resolved = resolveAccount(path, code, account, directory, numberOf, bic);
        const { currency, balanceMinor, creditLineMinor, collateral } = resolved;
        const total =
          (totals.get(currency) ?? 0n) +
          balanceMinor +
          creditLineMinor +
          (collateral?.amountMinor ?? 0n);
        if (total > INT64_MAX)
          fail([...path, 'balance'], 'balances and lines whose sum fits 64 bits', account.balance);
        totals.set(currency, total);
        return resolved;
      }),
      acrossCurrencies: resolveAcross(across, participant, directory),
    };
  });
}

/** A BIC of 11 characters: that of a head office, and a number below 40,000 in digits and letters. */
export const branchBic = (bic: string, number: number): string =>
  bic + number.toString(36).toUpperCase().padStart(3, '0');

type ParticipantDocument = ScenarioDocument['participants'][number];

/** The participants that an entry stands for: itself, or its branches. */
function branchesOf(entry: ParticipantDocument, index: number, fail: Fail): ParticipantDocument[] {
  const { bic, name, role, branches } = entry;
  if (branches === undefined) return [entry];
  const path = ['participants', index, 'branches'];
  if (!isAttestorRole(role))
    fail(path, `none of a ${role}: an attestor can have branches`, branches);
  if (bic.length !== 8) fail(path, 'a BIC of 8 characters beside branches', bic);
  return Array.from({ length: branches }, (_, number) => ({
    ...entry,
    bic: branchBic(bic, number),
    name: `${name} ${number + 1}`,
  }));
}

function resolveAccount(
  path: Path,
  code: string,
  account: AccountDocument,
  directory: LookUps,
  numberOf: ReadonlyMap<string, number>,
  own: string,
): ScenarioAccount {
  const currency = directory.currency(path, code);
  const amount = (key: string, text: string) => directory.amount([...path, key], text, currency);
  const { collateral, netDebitCap } = account;
  return {
    currency,
    balanceMinor: amount('balance', account.balance),
    creditLineMinor: amount('creditLine', account.creditLine),
    collateral: collateral
      ? {
          amountMinor: directory.amount(
            [...path, 'collateral', 'amount'],
            collateral.amount,
            currency,
          ),
          haircutBasisPoints: collateral.haircutBasisPoints,
        }
      : null,
    netDebitCapMinor: netDebitCap === undefined ? null : amount('netDebitCap', netDebitCap),
    bilateralCaps: bilaterals(account, 'bilateralCaps', path, currency, directory, numberOf, own),
  };
}

function bilaterals(
  account: AccountDocument,
  key: 'bilateralCaps' | 'bilateralLimits',
  path: Path,
  currency: number,
  directory: LookUps,
  numberOf: ReadonlyMap<string, number>,
  own: string,
): Bilateral[] {
  return Object.entries(account[key]).map(([bic, text]) => {
    const at = [...path, key, bic];
    const counterparty = numberOf.get(bic);
    if (counterparty === undefined || bic === own)
      return directory.fail(at, 'another participant of the scenario', bic);
    return { counterparty, amountMinor: directory.amount(at, text, currency) };
  });
}

/** The limits and reservations that the accounts name: sent at the beginning. */
export function standingOrders(
  document: ScenarioDocument,
  directory: LookUps,
  atMs: number,
): (LimitEvent | ReservationEvent)[] {
  const numberOf = new Map(directory.participants.map(({ bic }, number) => [bic, number]));
  return document.participants.flatMap(({ bic, accounts }, index) =>
    Object.entries(accounts).flatMap(([code, account]) => {
      const path = ['participants', index, 'accounts', code];
      const currency = directory.currency(path, code);
      const at = { atMs, participant: numberOf.get(bic)!, currency };
      const limit = (counterparty: number | null, limitMinor: bigint): LimitEvent => ({
        kind: 'limit',
        ...at,
        counterparty,
        limitMinor,
      });
      const limits = bilaterals(
        account,
        'bilateralLimits',
        path,
        currency,
        directory,
        numberOf,
        bic,
      ).map(({ counterparty, amountMinor }) => limit(counterparty, amountMinor));
      if (account.limit !== undefined)
        limits.push(limit(null, directory.amount([...path, 'limit'], account.limit, currency)));
      const reservations = (['urgent', 'high'] as const).flatMap((priority): ReservationEvent[] => {
        const text = account.reservations?.[priority];
        if (text === undefined) return [];
        const where = [...path, 'reservations', priority];
        const amountMinor = directory.amount(where, text, currency);
        return [{ kind: 'reservation', ...at, priority, amountMinor }];
      });
      return [...limits, ...reservations];
    }),
  );
}
