/** What runs on a replay's thread. */
export { observeAccounts, replayAccounts, replayReasons } from './replay-outcomes.ts';
