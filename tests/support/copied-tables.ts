import { parse } from 'csv-parse/sync';
import type { Page } from 'playwright-core';

export type CopiedRow = Readonly<Record<string, string>>;

/**
 * What each button of a page copies as CSV, by the table's caption; folded tables too.
 * @throws where a row has another number of fields than the header has names, or two have one name
 */
export async function copiedTables(page: Page): Promise<ReadonlyMap<string, readonly CopiedRow[]>> {
  await page.evaluate(`globalThis.copied = [];
Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { copied.push(text); } } });
for (const details of document.querySelectorAll('details')) details.open = true;
for (const button of document.querySelectorAll('button.copy')) button.click();`);
  const captions = await page.locator('.table .caption').allTextContents();
  const texts = await page.evaluate<string[]>('globalThis.copied');
  if (texts.length !== captions.length)
    throw new Error(`${captions.length} tables, and ${texts.length} were copied`);
  return new Map(
    captions.map((caption, at) => [
      caption,
      parse(texts[at] as string, { columns: namedOnce }) as CopiedRow[],
    ]),
  );
}

function namedOnce(names: string[]): string[] {
  if (new Set(names).size < names.length) throw new Error(`twice in one of ${names.join(', ')}`);
  return names;
}
