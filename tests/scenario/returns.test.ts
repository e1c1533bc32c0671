import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planMessages } from '../../services/scenario/payments-in-sending-order.ts';
import { noTraffic } from '../../services/scenario/planned-payment.ts';
import { loadText, TEST_YAML } from '../support/scenario.ts';

const HEAD = 'date,time,debtor,creditor,currency,amount,priority,dealer,toCurrency\n';
const [A, B, D] = ['AAAADE00', 'BBBBDE00', 'DDDDJP00'];
const row = (time: string, debtor: string, creditor: string, amount: string, dealer = '') =>
  `2026-03-16,${time},${debtor},${creditor},EUR,${amount},normal,${dealer},${dealer === '' ? '' : 'JPY'}\n`;

/** What leaves in the run: payments by number; of a return who sends it to whom, how much, of which payment. */
function leaving(csv: string, ...set: string[]) {
  const scenario = loadText(
    `${TEST_YAML}payments: { csv: listed.csv }\n`,
    ['traffic=[]', ...set],
    HEAD + csv,
  );
  const totals = noTraffic();
  const bic = (participant: number) => scenario.participants[participant]?.bic;
  const uetrs = new Map<string, number>();
  const lines = [...planMessages(scenario, totals)].map((message) => {
    const time = new Date(message.atMs).toISOString().slice(11, 19);
    if (message.kind === 'payment') {
      uetrs.set(String(message.payment.uetr), message.payment.number);
      return `${time} payment ${message.payment.number}`;
    }
    const { request } = message;
    if (request.kind !== 'return') return `${time} ${request.kind}`;
    const { participant, receiver, amountMinor, currency, uetr, businessDate } = request;
    const what = `${amountMinor} ${scenario.currencies[currency]?.code} of ${uetrs.get(String(uetr))}`;
    return `${time} ${bic(participant)} to ${bic(receiver)}: ${what} for ${businessDate}`;
  });
  return { lines, totals };
}

const CSV = [
  row('09:00:00', A, B, '1.00'),
  row('09:10:00', A, B, '2.01'),
  row('09:20:00', B, A, '3.00'),
  row('09:30:00', A, B, '4.00'),
  row('09:40:00', A, B, '5.00'),
].join('');

test('every second payment of a bank comes back from its receiver, in the part that is asked for', () => {
  const returns = `events.returns=[{ participant: ${A}, every: 2, afterSeconds: 900, percent: 50 }]`;
  const { lines, totals } = leaving(CSV, returns);
  assert.deepEqual(lines, [
    '09:00:00 payment 0',
    '09:10:00 payment 1',
    '09:20:00 payment 2',
    `09:25:00 ${B} to ${A}: 101 EUR of 1 for 2026-03-16`,
    '09:30:00 payment 3',
    '09:40:00 payment 4',
    `09:55:00 ${B} to ${A}: 250 EUR of 4 for 2026-03-16`,
  ]);
  assert.deepEqual([totals.planned, totals.returns, totals.requests], [5, 2, 0]);
});

test('what changed currency comes back in the currency that was received, whole unless it is said', () => {
  const { lines } = leaving(
    row('09:00:00', A, B, '1.00', D),
    `events.returns=[{ participant: ${A}, every: 1, afterSeconds: 0 }]`,
  );
  assert.match(lines[1] as string, new RegExp(`^09:00:00 ${B} to ${A}: 160 JPY of 0 for`));
});

test('a receiver that cannot send returns later, or never; after the last close nothing is returned', () => {
  const returns = `events.returns=[{ participant: ${A}, every: 1, afterSeconds: 600 }]`;
  const out = (until: string) => `events.outages=[{ participant: ${B}, from: "09:05"${until} }]`;
  const [first] = CSV.split('\n') as [string];
  const later = leaving(`${first}\n`, returns, out(', until: "10:00"'));
  assert.deepEqual(later.lines, [
    '09:00:00 payment 0',
    `10:00:00 ${B} to ${A}: 100 EUR of 0 for 2026-03-16`,
  ]);
  assert.deepEqual(leaving(`${first}\n`, returns, out('')).lines, ['09:00:00 payment 0']);
  const late = `events.returns=[{ participant: ${A}, every: 1, afterSeconds: 1209600 }]`;
  assert.deepEqual(leaving(`${first}\n`, late).lines, ['09:00:00 payment 0']);
});
