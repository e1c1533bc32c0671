/** @param signature in the standard base64 of its 64 bytes; returned with bits in its last digit that no byte takes */
export function withLooseBits(signature: string): string {
  const loose = { A: 'B', Q: 'R', g: 'h', w: 'x' };
  return signature.replace(/[AQgw](?===$)/, (digit) => loose[digit as keyof typeof loose]);
}
