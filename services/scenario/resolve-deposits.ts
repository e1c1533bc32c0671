/**
 * Deposits at commercial banks: of each bank and currency a security of its own, which the bank issues, its customers as
 * participants who hold it, and an account of the bank's in it. That account is where deposits come from and go to: below
 * zero the bank has issued more than it has redeemed.
 */
import { INT64_MAX } from '../protocol/names/minor-units.ts';
import { isIsin } from '../protocol/rules/check-digits.ts';
import { type LookUps, lookUpsOver } from './look-ups.ts';
import { branchBic } from './resolve-participants.ts';
import type {
  ScenarioAccount,
  ScenarioCurrency,
  ScenarioDeposits,
  ScenarioParticipant,
} from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

type DepositsDocument = NonNullable<ScenarioDocument['deposits']>[number];

/** Before the branch XXX, which names the head office. */
const CUSTOMERS_MAX = 40_000;

/** What an entry says, resolved, before its customers are numbered. */
interface Entry {
  readonly path: Path;
  readonly bank: number;
  readonly currency: number;
  readonly isin: string;
  readonly balanceMinor: bigint;
  readonly openingMinor: bigint;
  readonly document: DepositsDocument;
}

/** The look-ups with deposits and customers behind all else, which keep their numbers. */
export function withDeposits(
  { deposits: entries = [] }: ScenarioDocument,
  directory: LookUps,
): { directory: LookUps; deposits: readonly ScenarioDeposits[] } {
  if (entries.length === 0) return { directory, deposits: [] };
  const resolved: Entry[] = [];
  for (const [index, entry] of entries.entries())
    resolved.push(resolveEntry(entry, ['deposits', index], directory, resolved));
  const currencies: ScenarioCurrency[] = [...directory.currencies];
  const participants: ScenarioParticipant[] = [...directory.participants];
  const pools = directory.pools.map(({ name, currencies }) => ({
    name,
    currencies: [...currencies],
  }));
  const deposits = resolved.map((entry): ScenarioDeposits => {
    const { bank, currency, isin, balanceMinor, document } = entry;
    const asset = currencies.length;
    currencies.push(depositSecurity(directory.currencies[currency]!, isin, bank));
    pools[directory.currencies[currency]!.pool]!.currencies.push(asset);
    const issuer = participants[bank]!;
    const creditLineMinor = quotaOf(entry, resolved, directory);
    const own = { ...account(asset, 0n), creditLineMinor };
    participants[bank] = { ...issuer, accounts: [...issuer.accounts, own] };
    const before = participants.filter(({ bic }) => bic.length > 8 && bic.startsWith(issuer.bic));
    const customers = Array.from({ length: document.customers }, (_, place) => {
      const number = before.length + place;
      participants.push({
        bic: branchBic(issuer.bic, number),
        name: `${issuer.name}, customer ${number + 1}`,
        role: 'customer',
        size: 0,
        accounts: [account(asset, balanceMinor)],
        acrossCurrencies: null,
      });
      return participants.length - 1;
    });
    return { bank, currency, asset, customers };
  });
  const { fail } = directory;
  const tables = { ...directory, pools, currencies, participants };
  return { directory: { ...directory, ...lookUpsOver(tables, fail) }, deposits };
}

function resolveEntry(
  document: DepositsDocument,
  path: Path,
  directory: LookUps,
  earlier: readonly Entry[],
): Entry {
  const { fail } = directory;
  const at = [...path, 'bank'];
  const currency = directory.currency([...path, 'currency'], document.currency);
  const bank = directory.participant(at, document.bank);
  directory.needAccount(at, bank, currency);
  if (document.bank.length !== 8) fail(at, 'a BIC of 8 characters', document.bank);
  const same = earlier.find((one) => one.bank === bank && one.currency === currency);
  if (same)
    fail(at, `each bank once in a currency; ${same.path.join('.')} has this one`, document.bank);
  const isin = depositIsin(document.bank, document.currency);
  const taken = [
    ...directory.currencies.map(({ code }) => code),
    ...earlier.map((one) => one.isin),
  ];
  if (taken.includes(isin))
    fail(at, `a bank whose BIC begins otherwise: ${isin} is taken`, document.bank);
  const balanceMinor = directory.amount([...path, 'balance'], document.balance, currency);
  const openingMinor = balanceMinor * BigInt(document.customers);
  if (openingMinor > INT64_MAX)
    fail([...path, 'balance'], 'deposits whose sum fits 64 bits', document.balance);
  const others = earlier.filter((one) => one.bank === bank);
  const before = others.reduce((sum, one) => sum + one.document.customers, 0);
  if (before + document.customers > CUSTOMERS_MAX)
    fail(
      [...path, 'customers'],
      `at most ${CUSTOMERS_MAX} customers of a bank`,
      document.customers,
    );
  const named = directory.participants.find(
    ({ bic }) => bic.length > 8 && bic.startsWith(document.bank),
  );
  if (named)
    fail(
      at,
      `a bank without branches: its customers have such BICs as ${named.bic}`,
      document.bank,
    );
  return { path, bank, currency, isin, balanceMinor, openingMinor, document };
}

/** How far the deposits may grow: customers' payments in the currency bring in no more than others have. */
function quotaOf(
  { document, path, ...entry }: Entry,
  all: readonly Entry[],
  directory: LookUps,
): bigint {
  const { quota } = document;
  const { bank, currency, openingMinor } = entry;
  const others = all.filter((one) => one.currency === currency && one.bank !== bank);
  const quotaMinor =
    quota === undefined
      ? others.reduce((sum, one) => sum + one.openingMinor, 0n)
      : directory.amount([...path, 'quota'], quota, currency);
  if (openingMinor + quotaMinor > INT64_MAX)
    directory.fail([...path, 'quota'], 'deposits and a quota whose sum fits 64 bits', quota);
  return quotaMinor;
}

/** Open when its currency is, in the same pool, with the same decimals. */
function depositSecurity(of: ScenarioCurrency, code: string, issuer: number): ScenarioCurrency {
  const { minorUnits, pool, hours } = of;
  const common = { isSecurity: true, weight: 0n, haircutBasisPoints: 0, guidelines: [] };
  return { ...common, code, minorUnits, pool, hours, issuer };
}

const account = (currency: number, balanceMinor: bigint): ScenarioAccount => ({
  ...{ currency, balanceMinor, creditLineMinor: 0n },
  ...{ collateral: null, netDebitCapMinor: null, bilateralCaps: [] },
});

/**
 * Tokens have ISINs that begin with XT (ISO 6166). Here the bank's and its country's part of the BIC follow, the currency,
 * and the check digit.
 */
function depositIsin(bic: string, currency: string): string {
  const stem = `XT${bic.slice(0, 6)}${currency}`;
  const digit = Array.from({ length: 10 }, (_, one) => one).find((one) => isIsin(`${stem}${one}`));
  return `${stem}${digit}`;
}
