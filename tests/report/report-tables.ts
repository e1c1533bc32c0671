/** The tables of a report as its button copies them: by caption, the columns' names and the rows. */
export interface ReportTable {
  readonly heads: readonly string[];
  /** By their first cell. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
};

const plain = (text: string) =>
  text
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|quot|amp|#39);/g, (entity) => ENTITIES[entity] as string)
    .trim();

/** What a cell copies: its machine's value where it has one, else its text, and nothing for "–". */
function cellsOf(row: string): string[] {
  return [...row.matchAll(/<t[hd]([^>]*)>([\s\S]*?)<\/t[hd]>/g)].map(([, attributes, content]) => {
    const csv = /data-csv="([^"]*)"/.exec(attributes as string)?.[1];
    return csv !== undefined ? plain(csv) : plain(content as string).replace(/^–$/, '');
  });
}

export function tablesOf(page: string): Map<string, ReportTable> {
  const tables = new Map<string, ReportTable>();
  for (const piece of page.split('<p class="caption">').slice(1)) {
    const caption = plain(piece.slice(0, piece.indexOf('</p>')));
    const [head = '', body = ''] = piece.slice(0, piece.indexOf('</table>')).split('<tbody>');
    const heads = [...head.matchAll(/<th([^>]*)>([\s\S]*?)<\/th>/g)].map(([, , text]) =>
      plain(text as string),
    );
    const rows = body
      .split('</tr>')
      .map(cellsOf)
      .filter(({ length }) => length > 0);
    tables.set(caption, { heads, rows: new Map(rows.map((cells) => [cells[0] as string, cells])) });
  }
  return tables;
}
