import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { isDriven } from './clocks.ts';
import { DriveControls } from './drive-controls.tsx';
import { clockText } from './format.ts';
import { connection, drive, networkName, nowMs, nowSecond, opened } from './page-state.ts';

const UETR = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const sought = signal('');
const searchFault = signal('');

function search(event: Event): void {
  event.preventDefault();
  const uetr = sought.value.trim().toLowerCase();
  if (UETR.test(uetr)) {
    searchFault.value = '';
    opened.value = uetr;
  } else searchFault.value = 'A UETR is a version 4 UUID: 8-4-4-4-12 digits of 0-9 and a-f';
}

/** Where a stroke is a character. */
const TEXT_FIELDS = 'input[type=text], input[type=password]';

function Search() {
  const input = useRef<HTMLInputElement>(null);
  // Before it is seen: a key that is struck at once is heard.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.matches(TEXT_FIELDS);
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <search>
      <form class="search" onSubmit={search}>
        <label>
          <span class="hidden">Find a payment by its UETR</span>
          <input
            ref={input}
            type="text"
            name="uetr"
            value={sought.value}
            onInput={(event) => (sought.value = event.currentTarget.value)}
            placeholder="Find a payment by its UETR ( / )"
            autocomplete="off"
            spellcheck={false}
            aria-describedby="search-fault"
            aria-invalid={searchFault.value !== ''}
          />
        </label>
        <button type="submit">Find</button>
        <p id="search-fault" class="fault" role="status">
          {searchFault.value}
        </p>
      </form>
    </search>
  );
}

const STATES = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost, trying again',
  refused: 'Refused',
} as const;

function Standing() {
  const state = connection.value;
  return (
    <p class={`standing ${state}`} role="status">
      <span class="dot" aria-hidden="true" />
      {STATES[state]}
      {state === 'lost' && nowMs.peek() > 0 && `; figures of ${clockText(nowMs.peek())} UTC`}
    </p>
  );
}

export function Header() {
  return (
    <header>
      <div class="bar-top">
        <h1>
          Corridor <span class="network">{networkName.value}</span>
        </h1>
        <Standing />
        <p class="clock">
          <time>{clockText(nowSecond.value * 1000)}</time> UTC
          {isDriven.value && <small> network’s clock</small>}
        </p>
        <Search />
      </div>
      {drive.value && <DriveControls state={drive.value} />}
    </header>
  );
}
