import type { CertifiedStep } from '../analysis/certificates/cycle-certificates.ts';
import type { Insertion } from './event-rows.ts';
import { clickHouseTime } from './store-rows.ts';

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
