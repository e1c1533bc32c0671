import { BadInput } from '../platform/service/exit.ts';

export function portFrom(text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535)
    throw new BadInput(`a port ${text}: expected a whole number from 0 to 65535`);
  return port;
}

export function seedFrom(text: string): number {
  const seed = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(seed))
    throw new BadInput(`--seed ${text}: expected a whole number from 0 to 2^53-1`);
  return seed;
}
