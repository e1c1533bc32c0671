import { isAsTheReference, isCutAnywhere } from './core-against-reference.ts';

isAsTheReference(26, true, true);
isCutAnywhere(1, 4, true);
