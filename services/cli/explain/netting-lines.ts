import type { NettingCertificate } from '../../core/certificate-netting.ts';
import { type Amounts, listed } from './words.ts';

/** What a netting cycle did to whom, line by line: nets, defaults, shares, and what it kept out. */
export function nettingLines(certificate: NettingCertificate, amounts: Amounts): string[] {
  const { currency, nets, defaults, shares, unwound, refused, payments } = certificate;
  const money = (minor: string | bigint): string => amounts.text(currency, minor);
  const uetrs = new Map(payments.map((p) => [p.position, p.uetr]));
  return [
    ...nets.map((net) => `  ${netText(net, money)}`),
    ...certificate.accounts
      .filter((a) => a.defaultedAt !== null)
      .map((a) => `  ${a.participant} was in default since event ${a.defaultedAt}`),
    ...defaults.map((d) => `  ${d.participant} defaulted: ${money(d.shortfall)} short`),
    ...shares.map((s) => `  ${s.survivor} bears ${money(s.amount)} of the loss of ${s.defaulter}`),
    ...unwound.map(
      ({ payment, because }) => `  ${uetrs.get(payment)} is unwound: ${listed(because)} in default`,
    ),
    ...refused.map(
      ({ uetr, debtor, creditor, short }) =>
        `  ${uetr} was kept out: ${listed(
          short.map(({ by, amount }) =>
            by === 'netDebitCap'
              ? `${money(amount)} over the net debit cap of ${debtor}`
              : `${money(amount)} over the cap that ${creditor} granted ${debtor}`,
          ),
        )}`,
    ),
  ];
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
