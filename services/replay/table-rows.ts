import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { damagedFile } from './recorded-inputs.ts';

/**
 * The rows of a table of a run, a Parquet file, one group of rows in memory at a time.
 * @param take gets the values of a row in the order of the columns
 * @throws BadInput where it is damaged
 */
export async function eachTableRow<Row extends readonly unknown[]>(
  path: string,
  columns: readonly string[],
  take: (row: Row) => void,
): Promise<void> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const rowEnd = rowStart + Number(num_rows);
      await parquetRead({
        ...{ file, metadata, columns: [...columns], rowStart, rowEnd },
        onComplete: (rows) => {
          for (const row of rows) take(row as unknown as Row);
        },
      });
      rowStart = rowEnd;
    }
  } catch (error) {
    throw damagedFile(path, (error as Error).message);
  }
}
