/**
 * A page of docs/studies with its generated part anew.
 * @param command of package.json that makes it
 * @throws Error where the page has no place for it
 */
export function withGeneratedTables(page: string, command: string, tables: string): string {
  const [begin, end] = [
    `<!-- generated: npm run ${command} -->`,
    '<!-- end of what is generated -->',
  ];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} with ${end} behind it`);
  return `${page.slice(0, from)}${begin}\n\n${tables}\n\n${page.slice(to)}`;
}
