/** What issuers have issued and redeemed, and of deposits the reserves beneath. */
import { DEFINITIONS } from '../definitions.ts';
import { section, table } from '../elements.ts';
import { html, type Markup } from '../html.ts';
import {
  amountCell,
  bankCell,
  countCell,
  numeric,
  percentCell,
  type View,
} from './section-input.ts';

const D = DEFINITIONS;

/** Shown where a currency or security has an issuer. */
export function supplySection(view: View): Markup {
  const { supply } = view.summary;
  if (!supply) return html``;
  const deposits = supply.flatMap(({ reserves, ...one }) =>
    reserves ? [{ ...one, reserves }] : [],
  );
  return section(
    'supply',
    'Money by issuer',
    table(D.supply.name, supply, [
      ['Issuer', ({ issuer }) => bankCell(view, issuer)],
      ['What', ({ currency }) => currency],
      [numeric('At the beginning'), (one) => money(view, one.openingMinor, one.currency)],
      [numeric('Issued'), (one) => money(view, one.issuedMinor, one.currency)],
      [numeric('Redeemed'), (one) => money(view, one.redeemedMinor, one.currency)],
      [numeric('At the end'), (one) => money(view, one.closingMinor, one.currency)],
      [numeric('Least'), (one) => money(view, one.leastMinor, one.currency)],
      [numeric('Most'), (one) => money(view, one.mostMinor, one.currency)],
      [numeric('Records'), ({ records }) => countCell(records)],
    ]),
    html`<p class="def">${D.supply.definition} <b>${D.issuedAndRedeemed.name}</b> ${D.issuedAndRedeemed.definition}
Records moved any of it: after each what others have was what was issued less what was redeemed, or the run would have failed.</p>`,
    deposits.length === 0
      ? null
      : table('Deposits over reserves', deposits, [
          ['Bank', ({ issuer }) => bankCell(view, issuer)],
          ['Reserves in', ({ reserves }) => reserves.currency],
          [numeric('Deposits, beginning'), (one) => money(view, one.openingMinor, one.currency)],
          [numeric('Deposits, end'), (one) => money(view, one.closingMinor, one.currency)],
          [
            numeric('Reserves, beginning'),
            ({ reserves }) => money(view, reserves.openingMinor, reserves.currency),
          ],
          [
            numeric('Reserves, end'),
            ({ reserves }) => money(view, reserves.closingMinor, reserves.currency),
          ],
          [
            numeric('Reserves, least'),
            ({ reserves }) => money(view, reserves.leastMinor, reserves.currency),
          ],
          [numeric('Cover, least'), ({ reserves }) => percentCell(reserves.leastCover, 2)],
        ]),
    deposits.length === 0
      ? null
      : table('Customers by bank', deposits, [
          ['Bank', ({ issuer }) => bankCell(view, issuer)],
          ['Deposits', ({ currency }) => currency],
          [numeric('Customers'), ({ customers }) => countCell(customers?.number ?? 0)],
          [numeric('Payments'), ({ customers }) => countCell(customers?.payments ?? 0)],
          [numeric('Value'), (one) => money(view, one.customers?.sentMinor ?? '0', one.currency)],
          [numeric('Share'), ({ customers }) => percentCell(customers?.share ?? null, 2)],
          [
            numeric('Largest date'),
            (one) => money(view, one.customers?.outstandingMinor[0] ?? '0', one.currency),
          ],
          [
            numeric('Average date'),
            (one) => money(view, one.customers?.averageMinor ?? '0', one.currency),
          ],
          [
            numeric('Exposure, largest'),
            (one) => money(view, one.customers?.exposureMinor ?? '0', one.currency),
          ],
        ]),
    deposits.length === 0
      ? null
      : html`<p class="def"><b>${D.customerPayments.name}</b> ${D.customerPayments.definition}
<b>${D.customerExposure.name}</b> ${D.customerExposure.definition} B(ii), credit lines to customers: no figure, because no
customer has one.</p>`,
    deposits.length === 0
      ? null
      : html`<p class="def"><b>${D.cover.name}</b> ${D.cover.definition}</p>`,
  );
}

const money = (view: View, minor: string, currency: string) =>
  amountCell(view, BigInt(minor), currency);
