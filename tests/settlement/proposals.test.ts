import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(95, true, true);
isCutAnywhere(1, 4, true);
