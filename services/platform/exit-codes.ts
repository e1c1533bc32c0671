/** How a command ends; the numbers are part of the interface. */
export const EXIT = { success: 0, failure: 1, badInput: 2, interrupted: 130 } as const;

/** Bad input: one line that names what is wrong, where, and what was expected. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}

/** Ctrl-C: the message says what was written. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * What is thrown of a writing that leaves nothing where it fails: a full disk is named by what the user gave.
 * @param path as the user gave it
 */
export const nothingWritten = (path: string, error: unknown): unknown =>
  (error as NodeJS.ErrnoException | null)?.code === 'ENOSPC'
    ? new Error(`${path}: no space left on its device; nothing was written`)
    : error;

const BAD_INPUT = new Set(['BadInput', 'ScenarioError', 'InputLogFault', 'NetworkFault']);

/** A topic that the user made, or that another founding did; a log that is not what was written, or not what was sealed. */
const BAD_KINDS = new Set<unknown>(['topicDiffers', 'damaged', 'sealDiffers']);

/** The machine lets the process open fewer files than it needs: its limit is the user's. */
const FILES_OPEN = new Set<unknown>(['EMFILE', 'ENFILE']);

export function exitCode(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (BAD_KINDS.has((error as { kind?: unknown } | null)?.kind)) return EXIT.badInput;
  if (FILES_OPEN.has((error as { code?: unknown } | null)?.code)) return EXIT.badInput;
  if (error instanceof Error && BAD_INPUT.has(error.name)) return EXIT.badInput;
  return EXIT.failure;
}
