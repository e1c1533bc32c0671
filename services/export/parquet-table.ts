import type { ColumnChunk, ParquetType } from 'hyparquet';
import { type ColumnSource, fileWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { compressSync } from 'snappy';
import { HashedFile } from './hashed-file.ts';
import type { EncodedColumn } from './parquet-encodings.ts';
import { GROUP_DOCUMENTS, GROUP_ROWS } from './parquet-row-group-size.ts';
import type { ColumnType, TableForm } from './table-column-types.ts';

const DAY_MS = 86_400_000;
const instantMs = (value: unknown): number =>
  typeof value === 'number' ? value : Date.parse(`${String(value).replace(' ', 'T')}Z`);

type Element = Omit<SchemaElement, 'name'>;
type Encoding = NonNullable<ColumnSource['encoding']>;

interface Kind {
  readonly element: Element;
  readonly encoding: Encoding;
  readonly codec?: 'SNAPPY';
  /** From a row as the store takes it, in which 64-bit integers and times are text. */
  readonly as: (value: unknown) => unknown;
}

const TEXT: Element = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
const bigint = (value: unknown) => BigInt(value as string | number);

const KINDS: Readonly<Record<Exclude<ColumnType, 'texts'>, Kind>> = {
  name: { element: TEXT, encoding: 'RLE_DICTIONARY', as: String },
  text: { element: TEXT, encoding: 'PLAIN', as: String },
  document: { element: TEXT, encoding: 'PLAIN', codec: 'SNAPPY', as: String },
  u8: { element: { type: 'INT32', converted_type: 'UINT_8' }, encoding: 'PLAIN', as: Number },
  u32: { element: { type: 'INT32', converted_type: 'UINT_32' }, encoding: 'PLAIN', as: Number },
  u64: { element: { type: 'INT64', converted_type: 'UINT_64' }, encoding: 'PLAIN', as: bigint },
  i64: { element: { type: 'INT64' }, encoding: 'PLAIN', as: bigint },
  wide: {
    element: {
      ...{ type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 },
      ...{ converted_type: 'DECIMAL', precision: 38, scale: 0 },
    },
    encoding: 'PLAIN',
    as: bigint,
  },
  time: {
    element: {
      ...{ type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
      // DuckDB takes a time with the older type alone for one of no zone.
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    },
    encoding: 'PLAIN',
    as: (value) => BigInt(instantMs(value)),
  },
  date: {
    element: { type: 'INT32', converted_type: 'DATE' },
    encoding: 'PLAIN',
    as: (value) => Math.floor(Date.parse(`${value}T00:00:00Z`) / DAY_MS),
  },
  double: { element: { type: 'DOUBLE' }, encoding: 'PLAIN', as: Number },
};

interface Column {
  readonly name: string;
  /** How the file has its values. */
  readonly type: SchemaElement['type'];
  /** How it is written. */
  readonly source: Pick<ColumnSource, 'name' | 'encoding' | 'codec'>;
  readonly as: Kind['as'];
  data: unknown[];
}

/** A table that is written as Parquet while its rows come, in groups: memory is that of one group. */
export class ParquetTable {
  readonly #file: string;
  readonly #writer: ParquetWriter;
  readonly #hashed: HashedFile | null;
  readonly #columns: readonly Column[];
  #inGroup = 0;
  /** Characters of the documents in it. */
  #documents = 0;
  #isEnded = false;

  /**
   * Throws an Error that names the file where it cannot be written, as every method does.
   * @param isHashed whether `digest` is asked for
   */
  constructor(file: string, form: TableForm, isHashed = false) {
    this.#file = file;
    this.#hashed = this.#written(() => (isHashed ? new HashedFile(file) : null));
    const columns = Object.entries(form);
    this.#columns = columns.map(([name, type]) => columnOf(name, type));
    this.#writer = new ParquetWriter({
      writer: this.#hashed ?? this.#written(() => fileWriter(file)),
      schema: [
        { name: 'schema', num_children: columns.length },
        ...columns.flatMap(([name, type]) => elementsOf(name, type)),
      ],
      // Names are few and have numbers, and what is left is as good as random: most would not shrink.
      codec: 'UNCOMPRESSED',
      compressors: { SNAPPY: compressSync },
      // To find the least and the most of each column takes as long as to write it.
      statistics: false,
    });
  }

  /** A row as the store takes it (metrics/store-rows.ts). */
  add(row: object): void {
    this.#refuseEnded();
    for (const { name, as, data, source } of this.#columns) {
      const value = as((row as Readonly<Record<string, unknown>>)[name]);
      data.push(value);
      if (source.codec) this.#documents += (value as string).length;
    }
    if (++this.#inGroup === GROUP_ROWS || this.#documents > GROUP_DOCUMENTS) this.#write();
  }

  /** The file is whole when it returns. */
  end(): void {
    if (this.#inGroup > 0) this.#write();
    this.#written(() => void this.#writer.finish());
    this.#isEnded = true;
  }

  #refuseEnded(): void {
    if (this.#isEnded) throw new Error(`${this.#file}: it is whole, and takes no more rows`);
  }

  /** SHA-256 of the whole file, hex. */
  digest(): string {
    if (this.#hashed === null) throw new Error(`${this.#file}: its bytes were not hashed`);
    return this.#hashed.digest();
  }

  /** Whether there are rows in its file. */
  get isFilled(): boolean {
    return this.#writer.num_rows > 0n;
  }

  /** A group of rows whose columns, in the order of the form, have their pages already. */
  addGroup(rows: number, columns: readonly EncodedColumn[]): void {
    this.#refuseEnded();
    const writer = this.#writer;
    const start = writer.writer.offset;
    const chunks = this.#written(() =>
      columns.map((column, at) => this.#chunk(rows, this.#columns[at] as Column, column)),
    );
    const sizes = chunks.map(({ meta_data }) => meta_data?.total_uncompressed_size ?? 0n);
    writer.num_rows += BigInt(rows);
    writer.row_groups.push({
      ...{ columns: chunks, num_rows: BigInt(rows) },
      total_byte_size: sizes.reduce((sum, size) => sum + size, 0n),
      total_compressed_size: BigInt(writer.writer.offset - start),
    });
  }

  /** A column of a group as the library's writer has it. */
  #chunk(rows: number, { name, type }: Column, column: EncodedColumn): ColumnChunk {
    const { page, plainLength = page.length, dictionary } = column;
    const { writer } = this.#writer;
    const start = BigInt(writer.offset);
    if (dictionary) {
      const { values } = dictionary;
      writePageHeader(writer, {
        type: 'DICTIONARY_PAGE',
        ...sizeOf(dictionary.page, dictionary.page.length),
        dictionary_page_header: { num_values: values, encoding: 'PLAIN' },
      });
      writer.appendBytes(dictionary.page);
    }
    const pages = BigInt(writer.offset);
    const encoding = dictionary ? 'RLE_DICTIONARY' : 'PLAIN';
    writePageHeader(writer, {
      type: 'DATA_PAGE_V2',
      ...sizeOf(page, plainLength),
      data_page_header_v2: {
        ...{ num_values: rows, num_nulls: 0, num_rows: rows, encoding },
        ...{ definition_levels_byte_length: 0, repetition_levels_byte_length: 0 },
        is_compressed: true,
      },
    });
    writer.appendBytes(page);
    const size = BigInt(writer.offset) - start;
    return {
      file_offset: start,
      meta_data: {
        type: type as ParquetType,
        encodings: dictionary ? ['PLAIN', encoding] : [encoding],
        path_in_schema: [name],
        codec: column.plainLength === undefined ? 'UNCOMPRESSED' : 'SNAPPY',
        num_values: BigInt(rows),
        total_compressed_size: size,
        total_uncompressed_size: size + BigInt(plainLength - page.length),
        data_page_offset: pages,
        ...(dictionary && { dictionary_page_offset: start }),
      },
    };
  }

  #write(): void {
    const columnData = this.#columns.map(({ source, data }) => ({ ...source, data }));
    const rowGroupSize = this.#inGroup;
    // A file's writer writes at once.
    this.#written(() => void this.#writer.write({ columnData, rowGroupSize, pageSize: 0 }));
    for (const column of this.#columns) column.data = [];
    this.#inGroup = 0;
    this.#documents = 0;
  }

  #written<Result>(write: () => Result): Result {
    try {
      return write();
    } catch (error) {
      throw new Error(`${this.#file}: cannot be written: ${(error as Error).message}`);
    }
  }
}

function columnOf(name: string, type: ColumnType): Column {
  if (type === 'texts')
    return { name, type: TEXT.type, source: { name }, as: (value) => value, data: [] };
  const { as, element, encoding, codec } = KINDS[type];
  const source = { name, encoding, ...(codec && { codec }) };
  return { name, type: element.type, source, as, data: [] };
}

const sizeOf = ({ length }: Uint8Array, plainLength: number) => ({
  uncompressed_page_size: plainLength,
  compressed_page_size: length,
});

function elementsOf(name: string, type: ColumnType): SchemaElement[] {
  const repetition_type = 'REQUIRED';
  if (type !== 'texts') return [{ name, repetition_type, ...KINDS[type].element }];
  return [
    { name, repetition_type, converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type, ...TEXT },
  ];
}
