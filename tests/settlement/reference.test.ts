import { isAsTheReference, isCutAnywhere } from './reference-days.ts';

isAsTheReference(200);
isCutAnywhere(1, 30);
