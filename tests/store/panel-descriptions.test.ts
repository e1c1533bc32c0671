/** What panels of Grafana say of themselves. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import { atLeast } from '../support/at-least.ts';
import { dashboards } from './dashboards-files.ts';

const panels = dashboards.flatMap(({ title, panels }) =>
  panels.map(({ title: name, description, targets }) => ({
    ...{ where: `${title} / ${name}`, description, sql: targets?.[0]?.rawSql ?? '' },
  })),
);

test('a panel says once which minutes or hours it counts, and says of minutes that it does', () => {
  for (const { where, description, sql } of atLeast(100, panels)) {
    const said = description.match(/\bcounted by /gi)?.length ?? 0;
    assert.ok(said <= 1, `${where}: ${description}`);
    if (/\bminute >= \$__fromTime/.test(sql))
      assert.match(description, /\bcounted by minute/i, where);
  }
});

test('the words of a cycle are those of docs/indicators.md', () => {
  const page = readFileSync(join(packageFolder, 'docs/indicators.md'), 'utf8');
  const [, table = ''] = page.split('### Outcomes of a cycle');
  const words = [...table.slice(0, table.indexOf('\n## ')).matchAll(/^\| `(\w+)` /gm)].map(
    ([, word]) => word,
  );
  const { description } =
    panels.find(({ where }) => where === 'Queues and gridlock / Cycles') ?? assert.fail('no panel');
  const said = (/\(([^)]*)\)/.exec(description)?.[1] ?? '').split(/; (?:of netting )?|, | or /);
  const named = said.map((of) => of.split(':')[0] as string).filter((word) => /^\w+$/.test(word));
  assert.deepEqual(named.toSorted(), words.toSorted());
});
