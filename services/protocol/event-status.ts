import type { EventKind } from '../core/events.ts';
import type { StatusCode } from './status-report.ts';

/** The status that each kind of event gives the message it is about; others concern none. */
export const EVENT_STATUS: Partial<Record<EventKind, StatusCode>> = {
  queued: 'PDNG',
  carriedOver: 'PDNG',
  settled: 'ACSC',
  rejected: 'RJCT',
  noticed: 'RJCT',
  cancelled: 'CANC',
};
