import type { CaseAnswer, DriveState, EventProof, PaymentHistory } from '../told-to-page.ts';

/** What the server answered instead: the text says what to do. */
export class Problem extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

const TOKEN = 'corridor-view-token';

/**
 * From the address that was opened (its fragment never leaves the browser, and goes from the address
 * bar at once), else from this tab's memory.
 */
export function takeToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    keepToken(given);
    history.replaceState(null, '', location.pathname);
  }
  return given ?? sessionStorage.getItem(TOKEN);
}

export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, token);
}

const unreached = (): never => {
  throw new Problem(0, 'The server cannot be reached.');
};

async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${sessionStorage.getItem(TOKEN) ?? ''}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(unreached);
  const answer = await response.json().catch(unreached);
  if (!response.ok) throw new Problem(response.status, answer.detail ?? response.statusText);
  return answer;
}

export const askPayment = (uetr: string, whole = false) =>
  ask<PaymentHistory>(`payments/${encodeURIComponent(uetr)}${whole ? '?whole=true' : ''}`);

export const askProof = (pool: string, logOffset: number, eventNumber: number) =>
  ask<EventProof>(
    `pools/${encodeURIComponent(pool)}/messages/${logOffset}/events/${eventNumber}/proof`,
  );

export const control = (command: object) => ask<DriveState>('drive', command);

export const decideCase = (id: string, action: 'acknowledge' | 'close', why: string) =>
  ask<CaseAnswer>(`cases/${encodeURIComponent(id)}`, { action, why });
