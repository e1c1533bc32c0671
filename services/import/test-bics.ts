/** Names of a source to BICs of the scenario: test codes, as long as nobody asks for others. */
import { isBic } from '../protocol/names/bic-and-uetr.ts';
import { isTestBic } from '../scenario/resolve-participants.ts';
import { RowFault } from './bad-rows.ts';

/** ISO 3166 reserves XX for users: a code of no country. */
const NO_COUNTRY = 'XX';
const PLACES = '0ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789';

/** A name, however its letters are composed and whichever blanks stand in it. */
export const plainName = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ');

export class SourceBics {
  readonly #given: ReadonlyMap<string, string>;
  readonly #bicOf = new Map<string, string>();
  readonly #taken: Set<string>;
  readonly #keepsReal: boolean;
  /** Texts as they stand in the source. */
  readonly #seen = new Map<string, string>();

  /**
   * @param given names whose BIC the user chose
   * @param keepsReal names are BICs and stay as they are
   */
  constructor(given: Readonly<Record<string, string>>, keepsReal: boolean) {
    this.#given = new Map(Object.entries(given).map(([name, bic]) => [plainName(name), bic]));
    this.#taken = new Set(this.#given.values());
    this.#keepsReal = keepsReal;
  }

  /**
   * The same for the same name, in which any blanks are one; by the order in which names come.
   * @throws RowFault of the column where real BICs are kept and the name is none, or one that another has
   */
  of(column: string, text: string): string {
    const seen = this.#seen.get(text);
    if (seen !== undefined) return seen;
    const bic = this.#named(column, plainName(text));
    this.#seen.set(text, bic);
    return bic;
  }

  #named(column: string, name: string): string {
    const known = this.#bicOf.get(name);
    if (known !== undefined) return known;
    const bic =
      this.#given.get(name) ?? (this.#keepsReal ? this.#kept(column, name) : this.#free(name));
    this.#bicOf.set(name, bic);
    this.#taken.add(bic);
    return bic;
  }

  #kept(column: string, name: string): string {
    if (!isBic(name))
      throw new RowFault(column, 'a BIC of 8 or 11 characters, such as "BANKDEFF"', name);
    if (this.#taken.has(name))
      throw new RowFault(column, "a BIC that the mapping's bics give to no other name", name);
    return name;
  }

  /** Names that came with their BICs, in the order in which they came. */
  get table(): ReadonlyMap<string, string> {
    return this.#bicOf;
  }

  /** The nearest test code that nobody has: the name itself, its eighth character 0, or its letters. */
  #free(name: string): string {
    const likeBic = isBic(name);
    if (likeBic && isTestBic(name) && !this.#taken.has(name)) return name;
    const stem = likeBic ? name.slice(0, 6) : `${lettersOf(name)}${NO_COUNTRY}`;
    const branch = likeBic ? name.slice(8) : '';
    const first = likeBic ? (name[6] as string) : '';
    for (const place of first + PLACES) {
      const bic = `${stem}${place}0${branch}`;
      if (!this.#taken.has(bic)) return bic;
    }
    for (let count = 1; ; count++) {
      const digits = count.toString(36).toUpperCase().padStart(4, '0');
      const bic = `${stem}${digits[0]}0${digits.slice(1)}`;
      if (!this.#taken.has(bic)) return bic;
    }
  }
}

/** A test BIC for each name, as a source of CSV files has it. @returns by names as they are given */
export function testBicsOf(names: readonly string[]): ReadonlyMap<string, string> {
  const bics = new SourceBics({}, false);
  return new Map(names.map((name) => [name, bics.of('', name)]));
}

/** Four letters or digits of a name, without accents. */
const lettersOf = (name: string): string =>
  name
    .normalize('NFD')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 4)
    .padEnd(4, 'X');
