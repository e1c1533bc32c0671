/** The core against the slow reference (reference.ts), byte by byte on random days: core-against-reference.ts has how. */

import { isAsTheReference, isCutAnywhere } from './core-against-reference.ts';
import { chainsAreAsTheReference } from './core-against-reference-chains.ts';

isAsTheReference(70, false);
isCutAnywhere(1, 30);
chainsAreAsTheReference(80, 0);
isCutAnywhere(1, 10, false, 'plain');
chainsAreAsTheReference(60, 0, 'conditional');
isCutAnywhere(1, 6, false, 'conditional');
chainsAreAsTheReference(24, 0, 'netted');
chainsAreAsTheReference(60, 0, 'promised');
