import { hash } from 'node:crypto';

/** SHA-256 of a text in UTF-8. By way of a text it takes a quarter of the time of a hash that is fed. */
export const textDigest = (text: string): Buffer =>
  Buffer.from(hash('sha256', text, 'binary'), 'binary');

/** How records and events have an id that is no UUID: the first 16 bytes of its SHA-256. */
export const idDigest = (id: string): Buffer => textDigest(id).subarray(0, 16);
