/** A gateway did not take what it was told: it may the next time. */
export class NotTold extends Error {}

/** A gateway that does not answer is not to hold up what is followed. */
const TELL_MS = 10_000;

/**
 * Brings a gateway a note with cosignatures, for whoever cannot write the topic.
 * @throws NotTold where it does not take it
 */
export async function tellGateway(url: string, note: string): Promise<void> {
  const target = `${url.replace(/\/+$/, '')}/evidence/cosignatures`;
  let said: string;
  try {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ note });
    const signal = AbortSignal.timeout(TELL_MS);
    const answer = await fetch(target, { method: 'POST', headers, body, signal });
    if (answer.ok) return;
    said = `${answer.status} ${(await answer.text()).slice(0, 400)}`;
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    said = cause?.code ?? message;
  }
  throw new NotTold(`${target}: it did not take the cosignature (${said})`);
}
