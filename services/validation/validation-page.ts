/** The rows as a table for terminals, and as a page of the docs. */
import Table from 'cli-table3';
import type { Mark, Validated } from './claim-and-finding.ts';
import type { ValidatedGroup } from './validate.ts';

const MARKS: readonly Mark[] = ['exact', 'shape', 'data missing'];

/** The mark, or that what was found is not what is expected. */
export const markText = ({ mark, holds }: Pick<Validated, 'mark' | 'holds'>): string =>
  holds ? mark : `${mark}: DIFFERS`;

const expectedText = ({ expected, elsewhere }: Validated): string =>
  elsewhere === undefined ? expected : `here: ${expected}; there: ${elsewhere}`;

const foundText = ({ found, detail }: Validated): string =>
  detail === undefined ? found : `${found} (${detail})`;

/** How many rows have each mark. */
export function countsText(groups: readonly ValidatedGroup[]): string {
  const rows = groups.flatMap((group) => group.rows);
  const counts = MARKS.map((mark) => `${rows.filter((row) => row.mark === mark).length} ${mark}`);
  const differing = rows.filter(({ holds }) => !holds).length;
  return `${rows.length} claims: ${counts.join(', ')}; ${differing === 0 ? 'none differs' : `${differing} differ`}`;
}

/** @param columns of the terminal */
export function terminalTable(groups: readonly ValidatedGroup[], columns: number): string {
  const room = Math.max(columns, 100) - 6;
  const widths = [0.29, 0.21, 0.18, 0.22, 0.1].map((share) => Math.floor(room * share));
  return groups
    .map(({ title, rows }) => {
      const table = new Table({
        head: ['claim', 'source', 'expected', 'found', 'mark'],
        style: { head: [], border: [] },
        ...{ colWidths: widths, wordWrap: true },
      });
      for (const row of rows)
        table.push([row.claim, row.source, expectedText(row), foundText(row), markText(row)]);
      return `${title}\n${table.toString()}\n`;
    })
    .join('\n');
}

/** A cell of a table of Markdown. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const HEAD = `# Validation

What the literature, other simulators and arithmetic say, and what Corridor finds. \`npm run validate\` computes every row in
less than a minute and prints it; \`npm run validate -- --write\` writes this page, and \`--check\` says whether the page is what
the command prints. Seeds are fixed, so every machine prints the same. A row that differs ends the command with exit code 1.

| mark         | means                                                                                        |
| ------------ | -------------------------------------------------------------------------------------------- |
| exact        | what is expected is known, and found to the unit                                             |
| shape        | a direction is expected; it is found over many drawn days, with a 95 % interval              |
| data missing | what would be needed is not there, or a scenario cannot say it; the row says which           |

- Sources that are “from memory” were not looked up. Definitions are those of [indicators.md](indicators.md) and
  [settlement.md](settlement.md), which name the papers.
- “Run” and “read” say how the answer of another program was had. Where it means something else, both answers stand under
  “expected”, the text above says why, and the mark is for Corridor's.
- Expected values stand in \`services/validation/\`. Nothing that is found is stored.
`;

export function validationPage(groups: readonly ValidatedGroup[]): string {
  const parts = groups.map(({ title, text, rows }) => {
    const lines = rows.map(
      (row) =>
        `| ${[row.claim, row.source, expectedText(row), foundText(row), markText(row)].map(cell).join(' | ')} |`,
    );
    return [
      `## ${title}`,
      ...text,
      [
        '| claim | source | expected | found | mark |',
        '| --- | --- | --- | --- | --- |',
        ...lines,
      ].join('\n'),
    ].join('\n\n');
  });
  return `${HEAD}\n${countsText(groups)}.\n\n${parts.join('\n\n')}\n`;
}
