import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(70, false);
isCutAnywhere(1, 30);
