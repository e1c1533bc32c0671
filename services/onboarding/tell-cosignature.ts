/** A gateway did not take what it was told: it may the next time. */
export class NotTold extends Error {}

/** A gateway that does not answer is not to hold up what is followed. */
const TELL_MS = 10_000;

/** Whose way is long tells so many notes at a time: one after the other it would fall behind what is sealed meanwhile. */
const LANES = 8;

/**
 * Brings a gateway notes with cosignatures, for whoever cannot write the topic: the last first, for a gateway passes
 * over what is older than all that waits there.
 * @throws NotTold where it does not take one
 */
export async function tellGateway(url: string, notes: readonly string[]): Promise<void> {
  const rest = [...notes];
  const lane = async (): Promise<void> => {
    for (let note = rest.pop(); note !== undefined; note = rest.pop()) await tellNote(url, note);
  };
  const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

async function tellNote(url: string, note: string): Promise<void> {
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
