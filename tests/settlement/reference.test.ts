import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(200, false);
isCutAnywhere(1, 30);
