/** The log of a pool cannot be sealed as it was: whoever started the notifier must mend that. */
export class SealFault extends Error {
  override readonly name = 'SealFault';
  readonly kind = 'sealDiffers';
}
