import type { NettingCertificate } from '../analysis/certificates/netting-certificate.ts';
import { type Amounts, counted, listed } from './amount-words.ts';

/** What a netting cycle did to whom, line by line: nets, defaults, shares, and what it kept out. */
export function nettingLines(certificate: NettingCertificate, amounts: Amounts): string[] {
  const { currency, nets, accounts, defaults, shares } = certificate;
  const money = (minor: string | bigint): string => amounts.text(currency, minor);
  return [
    ...nets.map((net) => netText(net, money)),
    ...accounts
      .filter((a) => a.defaultedAt !== null)
      .map((a) => `${a.participant} was in default since event ${a.defaultedAt}`),
    ...defaults.map((d) => `${d.participant} defaulted: ${money(d.shortfall)} short`),
    ...shares.map((s) => `${s.survivor} bears ${money(s.amount)} of the loss of ${s.defaulter}`),
    ...unwoundLines(certificate),
    ...refusedLines(certificate, money),
  ].map((line) => `  ${line}`);
}

/** Counted by what they have in common: the certificate has each. */
function unwoundLines({ unwound }: NettingCertificate): string[] {
  const counts = new Map<string, number>();
  for (const { because } of unwound) {
    const why = listed([...because].sort());
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return [...counts].map(([why, n]) => `${counted(n, 'payment')} unwound: ${why} in default`);
}

function refusedLines({ refused }: NettingCertificate, money: (minor: bigint) => string): string[] {
  const beyond = new Map<string, { count: number; most: bigint }>();
  for (const { debtor, creditor, short } of refused)
    for (const { by, amount } of short) {
      const cap =
        by === 'netDebitCap'
          ? `the net debit cap of ${debtor}`
          : `the cap that ${creditor} granted ${debtor}`;
      const { count, most } = beyond.get(cap) ?? { count: 0, most: 0n };
      const over = BigInt(amount);
      beyond.set(cap, { count: count + 1, most: over > most ? over : most });
    }
  return [...beyond].map(
    ([cap, { count, most }]) =>
      `${counted(count, 'payment')} kept out by ${cap}, ${count === 1 ? '' : 'at most '}${money(most)} beyond it`,
  );
}

function netText(
  { participant, position, netted, borne, balance }: NettingCertificate['nets'][number],
  money: (minor: string | bigint) => string,
): string {
  const signed = (minor: string, out: string, into: string): string =>
    BigInt(minor) < 0n ? `${out} ${money(-BigInt(minor))}` : `${into} ${money(minor)}`;
  const share = borne === '0' ? '' : `, bears ${money(borne)}`;
  return `${participant}: ${signed(position, 'owed', 'was owed')}, ${signed(netted, 'pays', 'receives')}${share}, and has ${money(balance)}`;
}
