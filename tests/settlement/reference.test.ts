import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(90, false);
isCutAnywhere(1, 30);
