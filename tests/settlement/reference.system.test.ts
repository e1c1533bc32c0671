import { isAsTheReference, isCutAnywhere } from './core-against-reference.ts';
import { chainsAreAsTheReference } from './core-against-reference-chains.ts';

const DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 20_000 : 500;
isAsTheReference(DAYS, true);
isCutAnywhere(1, DAYS / 10);
isAsTheReference(DAYS / 5, true, true);
isCutAnywhere(1, DAYS / 70, true);

const CHAIN_DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 20_000 : 600;
chainsAreAsTheReference(CHAIN_DAYS, CHAIN_DAYS / 250);
isCutAnywhere(1, CHAIN_DAYS / 40, false, 'plain');

const CONDITIONAL_DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 5000 : 200;
chainsAreAsTheReference(CONDITIONAL_DAYS, CONDITIONAL_DAYS >= 2000 ? 1 : 0, 'conditional');
isCutAnywhere(1, CONDITIONAL_DAYS / 10, false, 'conditional');
isCutAnywhere(1, CONDITIONAL_DAYS / 50, false, 'netted');
chainsAreAsTheReference(CONDITIONAL_DAYS / 2, CONDITIONAL_DAYS >= 2000 ? 1 : 0, 'netted');

const PROMISED_DAYS = process.env.CORRIDOR_LONG_TESTS === '1' ? 3000 : 100;
chainsAreAsTheReference(PROMISED_DAYS, PROMISED_DAYS >= 2000 ? 1 : 0, 'promised');
isCutAnywhere(1, PROMISED_DAYS / 20, false, 'promised');
