import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(120, false);
isCutAnywhere(1, 30);
