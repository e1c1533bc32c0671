/** What issuers have issued and redeemed, and of deposits the reserves beneath. */

import { section, table } from '../elements.ts';
import { DEFINITIONS } from '../figure-definitions.ts';
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
  const deposits = supply.flatMap(({ reserves, customers, ...one }) =>
    reserves && customers ? [{ ...one, reserves, customers }] : [],
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
    deposits.length > 0 && ofDeposits(view, deposits),
  );
}

type SupplyJson = NonNullable<View['summary']['supply']>[number];

/** What lies beneath deposits, and what their banks do for those who have them. */
const ofDeposits = (
  view: View,
  deposits: readonly (SupplyJson & Required<Pick<SupplyJson, 'reserves' | 'customers'>>)[],
): Markup =>
  html`${table('Deposits over reserves', deposits, [
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
  ])}${table('Customers by bank', deposits, [
    ['Bank', ({ issuer }) => bankCell(view, issuer)],
    ['Deposits', ({ currency }) => currency],
    [numeric('Customers'), ({ customers }) => countCell(customers.number)],
    [numeric('Payments'), ({ customers }) => countCell(customers.payments)],
    [numeric('Value'), (one) => money(view, one.customers.sentMinor, one.currency)],
    [numeric('Share'), ({ customers }) => percentCell(customers.share, 2)],
    [
      numeric('Largest date'),
      (one) => money(view, one.customers.outstandingMinor[0] as string, one.currency),
    ],
    [numeric('Average date'), (one) => money(view, one.customers.averageMinor, one.currency)],
    [numeric('Exposure, largest'), (one) => money(view, one.customers.exposureMinor, one.currency)],
  ])}<p class="def"><b>${D.customerPayments.name}</b> ${D.customerPayments.definition}
<b>${D.customerExposure.name}</b> ${D.customerExposure.definition} B(ii), credit lines to customers: no figure, because no
customer has one.</p><p class="def"><b>${D.cover.name}</b> ${D.cover.definition}</p>`;

const money = (view: View, minor: string, currency: string) =>
  amountCell(view, BigInt(minor), currency);
