/** Alone in its file: the build asks for it too. */

/** The line that says what went wrong, of all that a dying engine writes; empty where it writes none. */
export function gist(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /Exception|Error/.test(line)) ?? lines.at(-1) ?? '';
}
