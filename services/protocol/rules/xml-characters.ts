/**
 * What XML 1.0 cannot carry, though JSON can: a lone surrogate, a control character but tab and line
 * ends, U+FFFE, U+FFFF.
 */
export const UNCARRIED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is sought.
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
