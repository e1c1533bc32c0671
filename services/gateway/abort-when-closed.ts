/**
 * A signal that is aborted when a reply's connection has closed or the gateway closes. It leaves
 * nothing behind at `closing`, which lives as long as the gateway: what AbortSignal.any leaves there
 * stays, on Node 20.
 */
export function whileOpen(
  reply: { once(event: 'close', listener: () => void): unknown },
  closing: AbortSignal,
): AbortSignal {
  const gone = new AbortController();
  const abort = () => {
    closing.removeEventListener('abort', abort);
    gone.abort();
  };
  closing.addEventListener('abort', abort);
  reply.once('close', abort);
  if (closing.aborted) abort();
  return gone.signal;
}
