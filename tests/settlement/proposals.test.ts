import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(15, true, true);
isCutAnywhere(1, 4, true);
