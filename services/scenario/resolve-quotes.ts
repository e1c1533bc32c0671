/** Dealers' quotes of a checked document, both directions of each pair. */

import { DATE_EXPECTED, isDate } from './local-time-to-instant.ts';
import type { LookUps } from './look-ups.ts';
import { quoteRate, referenceRate } from './rates-and-rounding.ts';
import type { ScenarioQuote } from './scenario.ts';
import type { Path } from './scenario-error.ts';
import type { ScenarioDocument } from './schema.ts';

export function resolveQuotes(document: ScenarioDocument, directory: LookUps): ScenarioQuote[] {
  checkRates(document, directory);
  const { fail } = directory;
  const quotes: ScenarioQuote[] = [];
  for (const [index, entry] of document.quotes.entries()) {
    const path = ['quotes', index];
    const dealer = directory.participant([...path, 'dealer'], entry.dealer);
    if (directory.participants[dealer]!.role !== 'dealer')
      fail([...path, 'dealer'], 'a participant whose role is dealer', entry.dealer);
    for (const code of Object.keys(entry.covers))
      directory.currency([...path, 'covers', code], code);
    for (const [place, pair] of entry.pairs.entries()) {
      const at = [...path, 'pairs', place];
      const [first, second] = pair.split('/') as [string, string];
      for (const [from, to] of [
        [first, second],
        [second, first],
      ] as const) {
        const quote = resolveOne(document, directory, index, at, pair, dealer, from, to);
        const earlier = quotes.some(
          (other) => other.dealer === dealer && other.from === quote.from && other.to === quote.to,
        );
        if (earlier) fail(at, 'each pair once for a dealer', pair);
        quotes.push(quote);
      }
    }
  }
  return quotes;
}

function checkRates({ rates }: ScenarioDocument, { fail, currency }: LookUps): void {
  if (rates === undefined) return;
  if (!isDate(rates.date)) fail(['rates', 'date'], DATE_EXPECTED, rates.date);
  for (const [name, group] of [
    ['perBase', rates.perBase],
    ['pairs', rates.pairs],
  ] as const)
    for (const [key, rate] of Object.entries(group)) {
      const path = ['rates', name, key];
      if (/^[0.]+$/.test(rate)) fail(path, 'a rate above 0', rate);
      if (name === 'perBase' && key === rates.base && !/^1(\.0+)?$/.test(rate))
        fail(path, '"1" for the base currency itself', rate);
      if (name === 'pairs') for (const code of key.split('/')) currency(path, code);
    }
}

function resolveOne(
  document: ScenarioDocument,
  directory: LookUps,
  index: number,
  at: Path,
  pair: string,
  dealer: number,
  fromCode: string,
  toCode: string,
): ScenarioQuote {
  const { fail, currencies } = directory;
  const entry = document.quotes[index]!;
  const from = directory.currency(at, fromCode);
  const to = directory.currency(at, toCode);
  if (from === to) fail(at, 'two different currencies', pair);
  if (currencies[from]!.pool !== currencies[to]!.pool) fail(at, 'two currencies of one pool', pair);
  directory.needAccount(at, dealer, from);
  directory.needAccount(at, dealer, to);
  const { rates } = document;
  if (rates === undefined) return fail(['rates'], `reference rates, for ${pair}`);
  const reference = referenceRate(rates, fromCode, toCode);
  if (typeof reference === 'string')
    return fail(
      ['rates', 'perBase', reference],
      `the rate of ${reference} for 1 ${rates.base}, for ${pair}`,
    );
  const rate = quoteRate(reference, entry.spreadBasisPoints, entry.significantDigits);
  if (rate.mantissa === 0n) fail(at, 'a rate that is not 0 when rounded to 10 decimals', pair);
  const covers = entry.covers[fromCode];
  const path = ['quotes', index, 'covers', fromCode];
  if (covers === undefined)
    return fail(path, `the amount of ${fromCode} that a quote covers, for ${pair}`);
  const coveredMinor = directory.amount(path, covers, from);
  if (coveredMinor === 0n) fail(path, 'an amount above 0', covers);
  const validMs = entry.validMinutes === undefined ? null : entry.validMinutes * 60_000;
  return { dealer, from, to, rate, rounding: entry.rounding, coveredMinor, validMs };
}
