/** What `corridor explain` says of money, against what runs with and without it then do. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { explanationJson } from '../../services/explain/explanation-json.ts';
import { explainInRun, recordRun, rowsOf } from '../support/explained-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-holds-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PAYMENT = ['date', 'time', 'debtor', 'creditor', 'currency', 'amount', 'priority'];
type PayRow = readonly [
  time: string,
  debtor: string,
  creditor: string,
  amount: string,
  priority: string,
];

/** A run in one currency from 08:00 to 17:00, banks by the first letter of their BIC. */
async function smallRun(
  name: string,
  accounts: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  settlement: Readonly<Record<string, unknown>>,
  pays: readonly PayRow[],
  events: Readonly<Record<string, unknown>> = {},
  currency = 'EUR',
): Promise<string> {
  const bic = (letter: string): string => `${letter.repeat(4)}DE00`;
  const rows = pays.map(([time, debtor, creditor, amount, priority]) =>
    ['2026-03-16', time, bic(debtor), bic(creditor), currency, amount, priority].join(','),
  );
  // What stands behind a comma of a priority is an earliest time.
  const isTimed = pays.some(([, , , , priority]) => priority.includes(','));
  const header = [...PAYMENT, ...(isTimed ? ['earliest'] : [])].join(',');
  writeFileSync(join(folder, `${name}.csv`), `${[header, ...rows].join('\n')}\n`);
  const scenario = {
    name,
    businessDates: ['2026-03-16'],
    tickMs: 10_000,
    currencies: { [currency]: { opens: '08:00', closes: '17:00', zone: 'UTC' } },
    participants: Object.entries(accounts).map(([letter, account]) => ({
      ...{ bic: bic(letter), name: letter, accounts: { [currency]: account } },
    })),
    payments: { csv: `${name}.csv` },
    settlement: {
      queue: 'fifo',
      cycle: 'gridlockResolution',
      cycleEverySeconds: 60,
      ...settlement,
    },
    events,
  };
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, stringify(scenario));
  return recordRun(file, join(folder, name));
}

/** What the explanation of a run's payment says of the state at an instant, and as JSON. */
async function stateAt(run: string, place: number, instant: string) {
  const uetr = rowsOf(run)[place]?.uetr as string;
  const explanation = await explainInRun(run, uetr, { kind: 'time', timeMs: Date.parse(instant) });
  const text = explanation.sentences[1] as string;
  return { text, state: explanationJson(explanation).state };
}

async function heldAt(run: string, place: number, instant: string) {
  const { text, state } = await stateAt(run, place, instant);
  assert.ok(state?.hold, text);
  return { text, hold: state.hold };
}

describe('what corridor explain says of money', () => {
  it('names a higher credit line among what ends a deadlock, and there it does', async () => {
    const accounts = {
      A: { balance: '0.00', reservations: { high: '1.00' } },
      B: { balance: '0.00' },
      E: { balance: '0.00' },
    };
    const pays: PayRow[] = [
      ['09:00:00', 'A', 'E', '0.50', 'urgent'],
      ['09:00:01', 'A', 'B', '0.30', 'normal'],
      ['09:00:02', 'B', 'A', '0.30', 'normal'],
    ];
    const locked = await smallRun('locked', accounts, {}, pays);
    const { text, hold } = await heldAt(locked, 0, '2026-03-16T09:00:10Z');
    assert.equal(hold.isDeadlock, true);
    assert.match(
      text,
      /a deadlock: as the queues stood, nothing could settle without new money, a higher credit line or a lower reservation\.$/,
    );
    const line = { participant: 'AAAADE00', currency: 'EUR', amount: '0.50', at: '09:00:30' };
    const reservation = { ...line, priority: 'high', amount: '0.00' };
    const lines = { creditLines: [line] };
    const freed = await smallRun('freed', accounts, {}, pays, lines);
    assert.deepEqual(
      rowsOf(freed).map((row) => row.status),
      ['ACSC', 'ACSC', 'ACSC'],
    );
    const lowered = { reservations: [reservation] };
    const partly = await smallRun('lowered', accounts, {}, pays.slice(1), lowered);
    assert.ok(rowsOf(partly).every((row) => row.status === 'ACSC'));
  });

  it('says under bypass who takes the money first, and there they do', async () => {
    const accounts = { A: { balance: '5.00' }, B: { balance: '0.00' } };
    const bypass = { queue: 'bypass-fifo' };
    const pays: PayRow[] = [
      ['09:00:00', 'A', 'B', '20.00', 'normal'],
      ['09:00:01', 'A', 'B', '100.00', 'normal'],
      ['09:00:02', 'A', 'B', '30.00', 'normal'],
      ['09:00:03', 'A', 'B', '8.00', 'normal'],
    ];
    const minimum = async (run: string, place: number) => {
      const uetr = rowsOf(run)[place]?.uetr as string;
      const instant = { kind: 'time', timeMs: Date.parse('2026-03-16T09:00:10Z') } as const;
      const explanation = await explainInRun(run, uetr, instant, 10);
      const { state } = explanationJson(explanation);
      return { text: explanation.sentences.join(' '), takers: state?.takers };
    };
    const run = await smallRun('bypassed', accounts, bypass, pays);
    const { text, takers } = await minimum(run, 2);
    // 25.00 are short of the 30.00: with them there are 30.00, of which the first payment takes 20.00.
    assert.deepEqual(takers, {
      payments: 1,
      taken: [{ participant: 'AAAADE00', currency: 'EUR', amountMinor: '2000' }],
    });
    assert.match(
      text,
      /a shortage of EUR 25\.00 on AAAADE00's EUR account.* The shortages alone would not have released it: under bypass FIFO 1 payment before it would have taken the money first, EUR 20\.00 of AAAADE00's EUR account\. Over all accounts the least money .*; a major unit of each currency counts alike\)\. Gridlock resolution keeps the order of the queues, so that pays also for 2 payments before it that bypass FIFO lets it pass\.$/,
    );
    // 3.00 are short of the 8.00, and nothing before it fits into 8.00.
    assert.equal((await minimum(run, 3)).takers, null);
    const inOrder = await minimum(await smallRun('in-order', accounts, {}, pays), 2);
    assert.equal(inOrder.takers, null);
    assert.doesNotMatch(inOrder.text, /bypass/);
    // What the first takes comes back by a payment that it releases: then the shortage alone suffices.
    const back: PayRow[] = [
      ['09:00:00', 'A', 'B', '20.00', 'normal'],
      ['09:00:01', 'B', 'A', '20.01', 'normal'],
      ['09:00:02', 'A', 'B', '30.00', 'normal'],
    ];
    const poor = { A: { balance: '0.00' }, B: { balance: '0.01' } };
    const returned = await smallRun('returned', poor, { ...bypass, cycle: 'off' }, back);
    assert.equal((await minimum(returned, 2)).takers, null);
    const line = { participant: 'AAAADE00', currency: 'EUR', amount: '25.00', at: '09:00:30' };
    const given = await smallRun('given', accounts, bypass, pays, { creditLines: [line] });
    assert.deepEqual(
      rowsOf(given).map(({ finalAt }) => finalAt?.slice(11, 19)),
      ['09:00:30', '17:00:00', '17:00:00', '09:00:30'],
    );
  });

  it('counts what a cycle settles by netting too, a pair as one, and calls that no gridlock', async () => {
    const accounts = {
      A: { balance: '5.00', netDebitCap: '20.00' },
      B: { balance: '0.00' },
      C: { balance: '17.00' },
    };
    const hybrid = { EUR: { mechanism: 'hybrid', cyclesAt: ['12:00'] } };
    const run = await smallRun('hybrid', accounts, { currencies: hybrid, cycleEverySeconds: 0 }, [
      ['09:00:00', 'A', 'B', '20.00', 'normal'],
      ['09:00:01', 'C', 'A', '17.00', 'normal'],
      ['09:00:02', 'B', 'C', '3.00', 'urgent'],
    ]);
    const { text, hold } = await heldAt(run, 2, '2026-03-16T11:59:00Z');
    assert.deepEqual([hold.cycleSettles, hold.cycleNets, hold.isDeadlock], [3, 2, false]);
    assert.match(
      text,
      /\) it could not settle alone, but a cycle run then would have settled it and 2 other payments, 2 of these 3 by netting, and it needed no injection\.$/,
    );
    assert.doesNotMatch(text, /gridlock|deadlock/);
    assert.ok(rowsOf(run).every((row) => row.finalAt === '2026-03-16T12:00:00.000Z'));
  });

  for (const [back, status, said] of [
    ['20.00', 'ACSC', /settlement: a cycle run then would have settled it\.$/],
    ['19.99', 'CANC', /: a cycle run then would not have settled it, as an agent would have def/],
  ] as const)
    it(`says of what is accepted for netting what a cycle does of it, ${back} for 20.00`, async () => {
      const accounts = { A: { balance: '0.00' }, B: { balance: '0.00' } };
      const hybrid = { EUR: { mechanism: 'hybrid', cyclesAt: ['12:00'] } };
      const run = await smallRun(
        `net-${status.toLowerCase()}`,
        accounts,
        { currencies: hybrid, cycleEverySeconds: 0 },
        [
          ['09:00:00', 'A', 'B', '20.00', 'normal'],
          ['09:00:01', 'B', 'A', back, 'normal'],
        ],
      );
      const { text, state } = await stateAt(run, 0, '2026-03-16T11:59:00Z');
      assert.deepEqual(state?.wait, {
        ...{ kind: 'accepted', cycleSettles: status === 'ACSC', inDefault: [] },
      });
      assert.match(text, said);
      assert.equal(rowsOf(run)[0]?.status, status);
    });

  it('says of what is paid to or by a bank in default since when it is, not that one would default', async () => {
    const accounts = { A: { balance: '9.00' }, B: { balance: '1.00' }, C: { balance: '9.00' } };
    const dns = { EUR: { mechanism: 'dns', cyclesAt: ['10:00', '12:00'] } };
    const run = await smallRun('in-default', accounts, { currencies: dns, cycleEverySeconds: 0 }, [
      ['09:00:00', 'B', 'A', '5.00', 'normal'],
      ['10:30:00', 'C', 'B', '2.00', 'normal'],
      ['10:40:00', 'C', 'A', '2.00', 'normal'],
    ]);
    const at = async (place: number, instant: string) =>
      (await stateAt(run, place, `2026-03-16T${instant}Z`)).text;
    assert.match(await at(0, '09:30:00'), /not have settled it, as an agent would have defaulted/);
    const { text, state } = await stateAt(run, 1, '2026-03-16T11:00:00Z');
    assert.match(
      text,
      /not have settled it, as BBBBDE00 was in default since 2026-03-16 10:00:00 UTC\.$/,
    );
    assert.deepEqual(state?.wait, {
      ...{ kind: 'accepted', cycleSettles: false },
      inDefault: [{ participant: 'BBBBDE00', since: '2026-03-16T10:00:00.000Z' }],
    });
    assert.match(await at(2, '11:00:00'), /: a cycle run then would have settled it\.$/);
    assert.deepEqual(
      rowsOf(run).map(({ status, finalAt }) => [status, finalAt]),
      [
        ['CANC', '2026-03-16T10:00:00.000Z'],
        ['CANC', '2026-03-16T12:00:00.000Z'],
        ['ACSC', '2026-03-16T12:00:00.000Z'],
      ],
    );
  });

  it('says when a payment came that waits for its earliest time: it is in no queue', async () => {
    const accounts = { A: { balance: '9.00' }, B: { balance: '1.00' } };
    const run = await smallRun('earliest', accounts, {}, [
      ['08:10:00', 'A', 'B', '5.00', 'normal,09:30:00'],
      ['08:20:00', 'B', 'A', '5.00', 'normal,'],
    ]);
    const said = async (place: number) =>
      (await explainInRun(run, rowsOf(run)[place]?.uetr as string, null)).sentences.join(' ');
    assert.match(
      await said(0),
      /: came at 2026-03-16 08:10:00 UTC, settled at 2026-03-16 09:30:00/,
    );
    assert.match(await said(1), /: queued at 2026-03-16 08:20:00 UTC, settled/);
  });

  for (const offsetting of [false, true])
    it(`says what it takes beyond what the ledger counts, ${offsetting ? 'with' : 'without'} offsetting`, async () => {
      const run = await smallRun(
        `beyond-${offsetting}`,
        { A: { balance: '0.00' }, B: { balance: '60000000000000000.00' }, C: { balance: '0.00' } },
        { offsetting: { entry: offsetting, bilateral: offsetting } },
        [
          ['09:00:00', 'A', 'B', '80000000000000000.00', 'normal'],
          ['09:00:01', 'C', 'B', '1.00', 'normal'],
        ],
        {},
        // No system's maximum bounds a payment in it.
        'CHF',
      );
      const { text, hold } = await heldAt(run, 0, '2026-03-16T09:10:00Z');
      const [release] = hold.releases;
      assert.equal(release?.amountMinor, null);
      assert.equal(release?.beyondMinor, '8000000000000000000');
      assert.match(
        text,
        new RegExp(
          `no injection into AAAADE00's CHF account would have released it: ${offsetting ? 'at least ' : ''}CHF 80000000000000000.00 were needed, .* pass 2\\^63 minor units`,
        ),
      );
      // Of a smaller payment the bound itself releases, so it is the smallest.
      const other = await heldAt(run, 1, '2026-03-16T09:10:00Z');
      assert.deepEqual(
        [other.hold.releases[0]?.amountMinor, other.hold.releases[0]?.isSmallest],
        ['100', true],
      );
    });
});
