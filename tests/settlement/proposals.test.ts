import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(26, true, true);
isCutAnywhere(1, 4, true);
