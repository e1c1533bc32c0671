import type { CertifiedStep } from '../analysis/certificates/cycle-certificates.ts';
import type { Insertion } from './event-rows.ts';
import { clickHouseTime } from './rows.ts';

/** A row of `certificates` (infra/clickhouse). */
export interface CertificateRecord {
  readonly run: string;
  readonly pool: string;
  readonly event_number: number;
  readonly cycle: number;
  readonly offsetting: number;
  readonly time: string;
  readonly certificate: string;
}

export function certificateRow(
  run: string,
  { event, certificate }: CertifiedStep,
): CertificateRecord {
  const isOffsetting = certificate.format === 'corridor-offsetting-certificate-1';
  return {
    ...{ run, pool: certificate.pool, event_number: event.number },
    cycle: isOffsetting ? 0 : event.cycle,
    offsetting: isOffsetting ? certificate.offsetting : 0,
    time: clickHouseTime(event.timeMs),
    certificate: JSON.stringify(certificate),
  };
}

/** Its insertion by itself: a second one, whoever does it, changes nothing. */
export const certificateInsertion = (row: CertificateRecord): Insertion => ({
  table: 'certificates',
  rows: [row],
  token: `${row.run}/${row.pool}/certificates/${row.event_number}`,
});

/** Text that one insertion takes, in characters. */
const INSERTION_CHARACTERS = 8_000_000;

/** Certificates of a run, which one process inserts once: together, in the order of their events. */
export class CertificateBlocks {
  #rows: CertificateRecord[] = [];
  #characters = 0;

  /** The insertions that these rows complete: a batch may bring many certificates of deep queues. */
  take(rows: readonly CertificateRecord[]): Insertion[] {
    const complete: Insertion[] = [];
    for (const row of rows) {
      this.#rows.push(row);
      this.#characters += row.certificate.length;
      if (this.#characters >= INSERTION_CHARACTERS) complete.push(...this.end());
    }
    return complete;
  }

  end(): Insertion[] {
    const rows = this.#rows;
    const [first] = rows;
    this.#rows = [];
    this.#characters = 0;
    if (first === undefined) return [];
    const last = rows.at(-1)?.event_number;
    const token = `${first.run}/${first.pool}/certificates/${first.event_number}-${last}`;
    return [{ table: 'certificates', rows, token }];
  }
}
