/** How much of each the page of the live view is told, and keeps. */

/** Seconds of the past that charts show. */
export const SERIES_SECONDS = 300;
/** Payments that the feed holds, and changes of one message at most. */
export const FEED_ROWS = 100;
/** Cycles of which it tells. */
export const CYCLE_ROWS = 40;
/** Cases of which the page tells. */
export const CASE_ROWS = 50;
/** Alerts of the watched flow of which the page tells. */
export const WATCHED_ROWS = 20;
/** Chains of a pool that wait, the oldest first, of which the page tells. */
export const CHAIN_ROWS = 20;
