/** What `corridor explain` says of a leg of a chain: for whom it waits, and with what it settled. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { At } from '../../services/explain/explain-payment.ts';
import { explanationJson } from '../../services/explain/explanation-json.ts';
import { explainInRun, type Row, recordRun, rowsOf } from '../support/explained-run.ts';
import { scenarioFile } from '../support/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'corridor-chains-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (text: string): At => ({ kind: 'time', timeMs: Date.parse(text) });

describe('a leg of a chain explained', () => {
  let run = '';
  let rows: Row[] = [];
  const legAt = (time: string, debtor: string) =>
    rows.find((row) => row.submittedAt?.includes(time) && row.debtorAgent === debtor) as Row;
  before(async () => {
    run = await recordRun(scenarioFile('agora-chains'), join(folder, 'agora'), { set: [] });
    rows = rowsOf(run);
  });

  it('waits for the legs that have not come, by their banks', async () => {
    const held = legAt('T10:00:00', 'ALFADE00');
    const explanation = await explainInRun(run, held.uetr as string, at('2026-03-16T10:30:00Z'));
    assert.match(
      explanation.sentences.join(' '),
      /waited outside the queues for leg 3 of BETAUS00 of its chain of 5, and would have ended at .*11:00.* without it; no money releases it/,
    );
    const { state } = explanationJson(explanation);
    assert.equal(state?.standing, 'incomplete');
    assert.match(
      explanation.sentences[0] as string,
      /^.*a leg of a chain, ALFADE00 to KORRDE00.*cancelled.*did not come|AB03/,
    );
    // In the words that its bank is told: no counterparty's leg of a PvP.
    const words = 'ther legs of the chain did not come in time';
    assert.match(explanation.sentences[0] as string, new RegExp(`, because o${words} \\(AB03\\)`));
    assert.equal(held.reasonText, `O${words}`);
    // It stood in no queue.
    assert.match(explanation.sentences[0] as string, /: came at [^,]*, cancelled at /);
  });

  it('names the others where its chain is complete', async () => {
    const leg = legAt('T08:00:00', 'ALFADE00');
    const explanation = await explainInRun(run, leg.uetr as string, null);
    const { chain } = explanationJson(explanation);
    assert.equal(chain?.legNumber, 1);
    assert.equal(chain?.legs.length, 6);
    assert.match(
      explanation.sentences[0] as string,
      /leg 1 of 6 with .*matched with the other legs at .*settled/,
    );
  });

  it('is held by what its chain lacks, and released by another chain in a cycle', async () => {
    const leg = legAt('T11:00:00', 'ALFADE00');
    const explanation = await explainInRun(run, leg.uetr as string, at('2026-03-16T11:10:00Z'));
    assert.equal(explanationJson(explanation).state?.standing, 'queued');
  });
});

describe('a leg of a payment of a customer explained', () => {
  let run = '';
  let rows: Row[] = [];
  before(async () => {
    const flows = ['leaving', 'abroad', 'home'].map(
      (name) => `customerPayments.${name}.paymentsPerDate=0`,
    );
    const set = [
      ...flows,
      'customerPayments.retail.paymentsPerDate=6',
      'customerPayments.retail.onUs=0',
    ];
    run = await recordRun(scenarioFile('two-layer'), join(folder, 'layers'), { set });
    rows = rowsOf(run);
  });

  it('is redeemed or issued by whose deposits it moves, and reserves are neither', async () => {
    const told = async (row: Row) =>
      (await explainInRun(run, row.uetr as string, null)).sentences[0] as string;
    const payer = rows.find(({ debtorAgent }) => debtorAgent?.length === 11) as Row;
    const payee = rows.find(({ creditorAgent }) => creditorAgent?.length === 11) as Row;
    const between = rows.find(({ currency }) => currency === 'EUR') as Row;
    assert.match(await told(payer), new RegExp(`, redeemed by ${payer.creditorAgent}, normal`));
    assert.match(await told(payee), new RegExp(`, issued by ${payee.debtorAgent}, normal`));
    assert.doesNotMatch(await told(between), /issued by|redeemed by/);
  });
});
