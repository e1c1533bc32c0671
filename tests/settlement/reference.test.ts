/** The core against the slow reference (reference.ts), byte by byte on random days: core-against-reference.ts has how. */

import { isAsTheReference, isCutAnywhere } from './core-against-reference.ts';
import { chainsAreAsTheReference } from './core-against-reference-chains.ts';

/** Days of the system file's seeds, which has more of them: few show here what a change broke. */
const PARTS = process.env.CORRIDOR_LONG_TESTS === '1' ? 1 : 2;
isAsTheReference(70 / PARTS, false);
isCutAnywhere(1, 30 / PARTS);
chainsAreAsTheReference(80 / PARTS, 0);
isCutAnywhere(1, 10 / PARTS, false, 'plain');
chainsAreAsTheReference(60, 0, 'conditional');
isCutAnywhere(1, 6 / PARTS, false, 'conditional');
chainsAreAsTheReference(24, 0, 'netted');
chainsAreAsTheReference(60 / PARTS, 0, 'promised');
