/** Sentences of `corridor explain` against what the run then did. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { type At, explainPayment } from '../../services/explain/explain-payment.ts';
import { explanationJson } from '../../services/explain/explanation-json.ts';
import { tracePayments } from '../../services/explain/payment-trace.ts';
import { compiledCore } from '../../services/platform/service/build-info.ts';
import type { Uetr } from '../../services/protocol/names/bic-and-uetr.ts';
import { runInputs } from '../../services/replay/recorded-inputs.ts';
import { explainInRun, type Row, recordRun, rowsOf } from '../support/explained-run.ts';
import { scenarioFile } from '../support/run.ts';

const wasm = compiledCore();
const folder = mkdtempSync(join(tmpdir(), 'corridor-sentences-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const runOf = (name: string, file: string, ...set: string[]): Promise<string> =>
  recordRun(file, join(folder, name), { set });

/** What is said of some of a run's payments, each at any instant. */
async function tracedIn(run: string, uetrs: readonly Uetr[]) {
  const inputs = runInputs(run);
  const all = await tracePayments(inputs, wasm, uetrs);
  return (uetr: Uetr, instant: At) => {
    const traced = all.get(uetr);
    const [trace] = traced?.payments ?? [];
    assert.ok(traced && trace, uetr);
    return explainPayment(inputs, wasm, traced, trace, instant, null);
  };
}

const at = (text: string): At => ({ kind: 'time', timeMs: Date.parse(text) });
const PAYMENT = ['date', 'time', 'debtor', 'creditor', 'currency', 'amount', 'priority'];

/** Six banks without money, and a cycle at 08:40 that does not keep the order. */
async function clearingRun(name: string, mechanism: string, pays: string[]): Promise<string> {
  const bics = ['ALFADE00', 'BBBBDE00', 'CCCCDE00', 'DDDDDE00', 'EEEEDE00', 'FFFFDE00'];
  const bic = (letter: string) => bics['ABCDEF'.indexOf(letter)];
  const rows = pays.map((pay, i) => {
    const [, from, to, amount] = /^(.)>(.) (\d+)$/.exec(pay) as unknown as string[];
    const [debtor, creditor] = [bic(from as string), bic(to as string)];
    return `2026-03-16,08:3${i},${debtor},${creditor},XTS,${amount},normal`;
  });
  writeFileSync(join(folder, `${name}.csv`), `${[PAYMENT.join(','), ...rows].join('\n')}\n`);
  const scenario = {
    name,
    description: 'A cycle that does not keep the order of the queues.',
    seed: 1,
    businessDates: ['2026-03-16'],
    zone: 'UTC',
    currencies: { XTS: { opens: '08:00', closes: '10:00', zone: 'UTC' } },
    participants: bics.map((one) => ({
      ...{ bic: one, name: one, accounts: { XTS: { balance: '0' } } },
    })),
    payments: { csv: `${name}.csv` },
    settlement: { queue: 'fifo', cycle: mechanism, cycleEverySeconds: 2400, atClose: 'cancel' },
    tickMs: 60_000,
  };
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, stringify(scenario));
  return runOf(name, file);
}

const inCycle = (row: Row): boolean => row.finalAt === '2026-03-16T08:40:00.000Z';
const BEFORE_CYCLE = at('2026-03-16T08:39:59Z');

describe('the sentences of corridor explain', () => {
  for (const mechanism of ['bankClearing', 'multiple'])
    it(`${mechanism}: counts what the cycle settles, and claims no deadlock where it settles`, async () => {
      const ring = ['A>C 1000', 'A>B 100', 'B>A 100', 'D>E 100', 'E>F 100', 'F>D 100'];
      let settledInAll = 0;
      for (const [name, pays] of [
        [`${mechanism.toLowerCase()}-6`, ring],
        [`${mechanism.toLowerCase()}-3`, ring.slice(0, 3)],
      ] as const) {
        const run = await clearingRun(name, mechanism, pays);
        const rows = rowsOf(run);
        const settled = rows.filter(inCycle).length;
        settledInAll += settled;
        for (const row of rows) {
          const explanation = await explainInRun(run, row.uetr as string, BEFORE_CYCLE);
          const text = explanation.sentences.join(' ');
          const json = explanationJson(explanation);
          assert.equal(json.state?.hold?.cycleSettles, settled, text);
          assert.equal(json.state?.hold?.isDeadlock, false, text);
          assert.doesNotMatch(text, /deadlock|nothing could/);
          if (inCycle(row))
            assert.match(
              text,
              new RegExp(`a cycle run then would have settled it and ${settled - 1} other payment`),
            );
          else assert.doesNotMatch(text, /in a gridlock/);
        }
      }
      assert.ok(settledInAll >= 4, `${settledInAll}`);
    });

  it('claims no deadlock where nothing settles but the cycles do not keep the order', async () => {
    const run = await clearingRun('stuck', 'bankClearing', ['A>C 1000', 'A>B 100']);
    const explanation = await explainInRun(run, rowsOf(run)[0]?.uetr as string, BEFORE_CYCLE);
    assert.match(
      explanation.sentences[1] as string,
      /; as the queues stood, nothing could settle in their order without new money or a higher credit line, and a cycle run then would have settled nothing, though bankClearing does not keep that order\.$/,
    );
    assert.equal(explanationJson(explanation).state?.hold?.isDeadlock, null);
  });

  it('says that a payment carried over waits for the next opening', async () => {
    const dates = 'businessDates=[2026-03-16,2026-03-17]';
    const file = scenarioFile('linked-gridlock');
    const run = await runOf('carried', file, 'settlement.atClose=carry-over', dates);
    const rows = rowsOf(run);
    const next = rows.find((r) => r.finalAt === '2026-03-17T07:00:00.000Z' && r.queuedAt !== '');
    const reopened = await explainInRun(run, next?.uetr as string);
    assert.match(
      reopened.sentences[1] as string,
      /it waited outside the queues, carried over at the close of 2026-03-16, for the next opening of [A-Z]{3}( and [A-Z]{3})?; no money/,
    );
    const open = rows.find((r) => r.finalAt === '' && r.pairedWith !== '');
    const last = await explainInRun(run, open?.uetr as string);
    assert.match(
      last.sentences[1] as string,
      /^Now .* it waits outside .* at the close of 2026-03-17, for the next opening of [A-Z]{3} and [A-Z]{3};/,
    );
    // Both currencies closed at one instant: told once.
    assert.equal(last.sentences[0]?.split('carried over').length, 3, last.sentences[0]);
    const wait = explanationJson(last).state?.wait;
    assert.equal(wait?.kind === 'closed' && wait.carriedOverOn, '2026-03-17');
  });

  it('ends a wait for the mirrored leg with the close, where that comes first', async () => {
    const file = scenarioFile('linked-gridlock');
    const run = await runOf('unmatched', file, 'settlement.pvpTimeoutMinutes=600');
    const isLeg = (r: Row) => r.messageType === 'corridor.pvp.1' && r.pairedWith === '';
    const leg = rowsOf(run).find((r) => isLeg(r) && r.finalAt === '2026-03-16T15:00:00.000Z');
    const { sentences } = await explainInRun(run, leg?.uetr as string);
    assert.match(
      sentences[1] as string,
      /mirrored leg .*, and would have ended at 2026-03-16 15:00:00 UTC without it; no money/,
    );
  });

  it('counts what fell due by an instant, however far apart the records are', async () => {
    const file = scenarioFile('pssimpy-ring');
    const [often, seldom] = [
      await runOf('often', file),
      await runOf('seldom', file, 'tickMs=3600000'),
    ];
    const rows = rowsOf(often);
    const uetrs = rows.slice(0, 4).map(({ uetr }) => uetr as Uetr);
    // Traced once: what a payment's trace is does not depend on the instant.
    const inSeldom = await tracedIn(seldom, uetrs);
    const inOften = await tracedIn(often, uetrs);
    let ended = 0;
    const every = process.env.CORRIDOR_LONG_TESTS === '1' ? 5 : 10;
    for (let minute = 0; minute < 120; minute += every) {
      const instant = new Date(Date.UTC(2026, 2, 16, 8, 30 + minute)).toISOString();
      for (const { uetr, finalAt } of rows.slice(0, 4)) {
        const one = await inSeldom(uetr as Uetr, at(instant));
        const other = await inOften(uetr as Uetr, at(instant));
        assert.deepEqual(one.sentences, other.sentences, instant);
        const text = one.sentences[1] as string;
        assert.equal(/it had ended/.test(text), (finalAt as string) <= instant, text);
        if (/it had ended/.test(text)) ended += 1;
      }
    }
    assert.ok(ended > 10, `${ended}`);
    const [{ uetr }] = rows as [Row];
    const early = await explainInRun(seldom, uetr as string, at('2020-01-01T00:00:00Z'));
    assert.equal(
      early.sentences[1],
      'At 2020-01-01 00:00:00 UTC, before any event, it had not come.',
    );
  });

  it('under bypass FIFO waits for nothing that it may pass, and names limits beside money', async () => {
    const balances = [1, 2, 3].map((i) => `participants.${i}.accounts.EUR.balance=20000.00`);
    const run = await runOf('limits', scenarioFile('limits-hybrid'), ...balances);
    const { state, sentences } = await explainInRun(run, 'fdd8fbf7-a943-4e39-aec8-d637734a4d38');
    assert.equal(state?.hold?.others, 0);
    assert.deepEqual(
      state?.hold?.shortages.map(({ by, amount }) => [by, amount]),
      [['bilateralLimit', '181491']],
    );
    const text = sentences[1] as string;
    assert.match(
      text,
      /it was held up by a shortage of EUR 1814\.91 under BETADE00's limit against/,
    );
    assert.match(
      text,
      /nothing could settle in their order without new money, a higher credit line or a higher limit/,
    );
    assert.doesNotMatch(text, /deadlock/);
  });
});
