import { signal } from '@preact/signals';

const given = signal('');

/** Where the page was opened without the token that the server printed, or with another. */
export function TokenForm({
  wasRefused,
  use,
}: {
  readonly wasRefused: boolean;
  readonly use: (token: string) => void;
}) {
  const submit = (event: Event) => {
    event.preventDefault();
    // The whole address may be pasted.
    const token = given.value.trim().replace(/^.*[#?]token=/, '');
    if (token !== '') use(token);
  };
  return (
    <main class="token">
      <h1>Corridor live view</h1>
      <p role={wasRefused ? 'alert' : undefined}>
        {wasRefused
          ? 'The server does not take this access token: it may have been started anew in another folder.'
          : 'This page shows every bank’s payments, so it asks for an access token.'}
      </p>
      <p>
        Open the address that <code>corridor up</code> or <code>corridor drive</code> printed, or
        paste it here.
      </p>
      <form onSubmit={submit}>
        <label>
          Address or token{' '}
          <input
            type="password"
            autocomplete="off"
            value={given.value}
            onInput={(event) => (given.value = event.currentTarget.value)}
          />
        </label>
        <button type="submit">Open</button>
      </form>
    </main>
  );
}
