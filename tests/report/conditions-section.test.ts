import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_BYTES } from '../../services/core/settlement/events.ts';
import { DEFINITIONS } from '../../services/report/figure-definitions.ts';
import {
  ConditionBook,
  conditionFigures,
} from '../../services/report/figures/condition-figures.ts';
import { asJson } from '../../services/report/figures/summary.ts';
import { conditionsSection } from '../../services/report/sections/conditions.ts';
import type { View } from '../../services/report/sections/section-input.ts';
import { conditionDay, DAY_NAMES } from '../support/condition-days.ts';
import { core } from '../support/live.ts';

const DIRECTORY = {
  participants: DAY_NAMES.map((bic) => ({ bic, name: `Bank ${bic}`, role: 'bank' })),
  currencies: ['EUR', 'USD'].map((currency) => ({ currency, minorUnits: 2 })),
};

function viewOf(history: Uint8Array): View {
  const book = new ConditionBook(DIRECTORY as never);
  book.fold(history);
  const conditions = conditionFigures([book]);
  const matched = book.chains.totals.matched;
  return {
    summary: {
      chains: { matched, settled: 3, ended: 2 },
      ...(conditions && { conditions: asJson(conditions) }),
    },
    names: new Map(DAY_NAMES.map((bic) => [bic, `Bank ${bic}`])),
    decimals: new Map([
      ['EUR', 2],
      ['USD', 2],
    ]),
  } as unknown as View;
}

/** Of each table by its caption its rows of cells, as they copy out. */
function tablesIn(text: string): Map<string, string[][]> {
  const tables = text.split('<div class="table"').slice(1);
  return new Map(
    tables.map((one) => [
      /<p class="caption">(.*?)<\/p>/s.exec(one)?.[1] ?? '',
      [...one.matchAll(/<tr>(.*?)<\/tr>/gs)]
        .slice(1)
        .map(([, row]) =>
          [...(row as string).matchAll(/<t[hd]([^>]*)>(.*?)<\/t[hd]>/gs)].map(
            ([, attributes, shown]) =>
              /data-csv="([^"]*)"/.exec(attributes as string)?.[1] ?? (shown as string),
          ),
        ),
    ]),
  );
}

test('the section has every figure of the summary, with its definitions', () => {
  const view = viewOf(conditionDay(core.module, 3).history());
  const { conditions, chains } = view.summary;
  assert.ok(conditions && chains);
  const { text } = conditionsSection(view);
  const tables = tablesIn(text);
  const { chains: of, earmarks, attestations, locked } = conditions;
  const counts = (caption: string) => tables.get(caption)?.map(([, count]) => Number(count));
  assert.deepEqual(counts('Outcomes of chains'), [
    ...[chains.matched, of.met, of.metBySilence, chains.settled],
    ...[of.refused, of.deadline, of.expired, of.capped, of.unearmarked, of.promised, of.waiting],
  ]);
  assert.deepEqual(counts('Outcomes of earmarks'), [
    ...[earmarks.set, earmarks.settled, earmarks.expired, earmarks.released, earmarks.standing],
  ]);
  assert.deepEqual(
    tables.get('Attestations'),
    [...attestations]
      .sort(waitedForMost)
      .map((one) =>
        [one.attestor, one.accepted, one.refused, one.held, one.recorded, one.notCounted].map(
          String,
        ),
      ),
  );
  const last = [...conditions.waitedForLast].sort((a, b) => b.chains - a.chains);
  assert.ok(last.length > 1);
  assert.deepEqual(
    tables.get('Waited for last'),
    last.map(({ attestor, chains: met, longestMs }) => [attestor, String(met), String(longestMs)]),
  );
  assert.deepEqual(
    tables.get('Liquidity locked, by bank and currency'),
    locked.map(({ participant, currency, earmarks: legs, peakMinor, lockedMinorMs }) => [
      ...[participant, currency, String(legs), money(BigInt(peakMinor))],
      money(BigInt(lockedMinorMs) / 3_600_000n),
    ]),
  );
  const spans = tables.get('From the last leg to the last attestation, and on to settlement');
  assert.deepEqual(
    spans?.map((row) => row.slice(1)),
    [conditions.timeToLastAttestation, conditions.attestationToSettlement].map((one) =>
      [one.chains, one.p50Ms, one.p95Ms, one.p99Ms, one.maxMs].map((value) => String(value ?? '')),
    ),
  );
  for (const name of [
    ...['chainOutcomes', 'earmarkOutcomes', 'locked', 'earmarkedPeak', 'lastAttestation'],
    ...['attestationToSettlement', 'attestations', 'waitedForLast'],
  ] as const)
    assert.ok(text.includes(DEFINITIONS[name].definition), name);
});

type Attestor = NonNullable<View['summary']['conditions']>['attestations'][number];

/** As the table has them: who said most of chains first, then who said most. */
function waitedForMost(a: Attestor, b: Attestor): number {
  const ofChains = (one: Attestor) => one.accepted + one.refused + one.held;
  const others = (one: Attestor) => one.recorded + one.notCounted;
  return ofChains(b) - ofChains(a) || others(b) - others(a);
}

test('a desk for which chains wait stands before meters that record more', () => {
  const view = viewOf(conditionDay(core.module, 3).history());
  const said = { accepted: 0, refused: 0, held: 0, recorded: 0, notCounted: 0 };
  Object.assign(view.summary.conditions as object, {
    attestations: [
      { attestor: 'AMETDE00', ...said, recorded: 100 },
      { attestor: 'BMETDE00', ...said, recorded: 200 },
      { attestor: 'DESKDE00', ...said, refused: 2 },
      { attestor: 'EDSKDE00', ...said, accepted: 2, held: 1 },
    ],
  });
  const rows = tablesIn(conditionsSection(view).text).get('Attestations')!;
  assert.deepEqual(
    rows.map(([name]) => name),
    ['EDSKDE00', 'DESKDE00', 'BMETDE00', 'AMETDE00'],
  );
});

test('of many attestors those who said most have rows, and the others one', () => {
  const view = viewOf(conditionDay(core.module, 3).history());
  const attestations = Array.from({ length: 500 }, (_, number) => ({
    ...{ attestor: `METER${number}`, accepted: 1, refused: 2, held: 3 },
    ...{ recorded: number, notCounted: number === 7 ? 1_000 : 0 },
  }));
  Object.assign(view.summary.conditions as object, { attestations });
  const rows = tablesIn(conditionsSection(view).text).get('Attestations')!;
  assert.equal(rows.length, 41);
  assert.deepEqual(
    rows.slice(0, 2).map(([name]) => name),
    ['METER7', 'METER499'],
  );
  // 0 to 460 but the one that is told.
  assert.deepEqual(rows.at(-1)!.slice(1), ['460', '920', '1380', String((460 * 461) / 2 - 7), '0']);
  assert.match(rows.at(-1)![0]!, /460 others/);
});

const money = (minor: bigint): string => `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;

test('a run without any has no such section', () => {
  const view = viewOf(new Uint8Array(0 * EVENT_BYTES));
  assert.equal(conditionsSection(view).text, '');
});
