import type { EventKind } from '../../core/settlement/events.ts';
import type { StatusCode } from '../messages/status-report.ts';

/** The status that each kind of event gives the payment it is about; others concern none. */
export const EVENT_STATUS: Partial<Record<EventKind, StatusCode>> = {
  queued: 'PDNG',
  carriedOver: 'PDNG',
  matched: 'PDNG',
  accepted: 'ACSP',
  settled: 'ACSC',
  rejected: 'RJCT',
  noticed: 'RJCT',
  cancelled: 'CANC',
  unwound: 'CANC',
};

/** Those that are not final. BLCK, ACFC and ACWP are of chains. */
export const OPEN_STATUSES = ['PDNG', 'BLCK', 'ACFC', 'ACWP', 'ACSP'] as const;
const OPEN: ReadonlySet<StatusCode> = new Set(OPEN_STATUSES);

/** Whether a later status may follow. */
export const isOpen = (status: StatusCode): boolean => OPEN.has(status);
