import { NOT_ANSWERED } from '../metrics/metrics-service.ts';

/** What to do with a store that does not go on. @param folder of it */
export const storeRemedy = (folder: string): string =>
  `move ${folder} away for new ones, which are filled from the log`;

/**
 * What `up` says where there are no tables yet; a store that has only to start needs nobody.
 * @param folder of the analysis store
 */
export const storeFaultLine = (fault: string, folder: string): string =>
  fault.endsWith(NOT_ANSWERED)
    ? 'tables and dashboards come when the analysis store has started; payments settle all the same'
    : `no tables and dashboards, payments settle all the same: ${fault}${fault.endsWith(storeRemedy(folder)) ? '' : `; it is tried again; or ${storeRemedy(folder)}`}`;
