import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { DriveState } from '../wire.ts';
import { control } from './api.ts';
import { isDriven } from './clocks.ts';
import { clockText, dateTimeText, shownCount, shownRate } from './format.ts';
import { connection, drive, networkName, nowMs, nowSecond, opened } from './store.ts';

const UETR = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const sought = signal('');
const searchFault = signal('');
const controlFault = signal('');

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

async function command(given: object): Promise<void> {
  try {
    drive.value = await control(given);
    controlFault.value = '';
  } catch (error) {
    controlFault.value = (error as Error).message;
  }
}

function Drive({ state }: { readonly state: DriveState }) {
  const { scenario, timeMs, endsAtMs, speed, speeds, reachedSpeed, afterwards } = state;
  const choices = speeds.includes(speed) ? speeds : [...speeds, speed].sort((a, b) => a - b);
  const isOver = state.state === 'ended';
  return (
    <section class="drive" aria-label={`Scenario ${scenario}`}>
      <p>
        <strong>{scenario}</strong>{' '}
        <span class="scenario-time">
          {dateTimeText(timeMs)} <small>of {clockText(endsAtMs)} UTC, scenario’s time</small>
        </span>{' '}
        <span class={`status ${state.state}`}>{state.state}</span>
      </p>
      <p class="clocks">
        Waits and times to finality are in the scenario’s time. Rates, times of day, charts’ axes,
        cycles, alerts and services have the network’s clock.
      </p>
      {reachedSpeed !== null && (
        <p class="pace" role="status">
          Cannot keep up: {shownRate(reachedSpeed)} × of {shownCount(speed)} ×. The scenario’s time
          goes as its messages are sent.
        </p>
      )}
      {isOver && afterwards !== '' && connection.value === 'lost' && (
        <p>
          The drive is over and its network has stopped. <code>{afterwards}</code> shows it again.
        </p>
      )}
      <div class="controls">
        <button
          type="button"
          disabled={isOver}
          onClick={() => void command({ action: state.state === 'paused' ? 'resume' : 'pause' })}
        >
          {state.state === 'paused' ? 'Resume' : 'Pause'}
        </button>
        <label>
          Speed{' '}
          <select
            disabled={isOver}
            value={String(speed)}
            onChange={(event) =>
              void command({ action: 'speed', speed: Number(event.currentTarget.value) })
            }
          >
            {choices.map((choice) => (
              <option key={choice} value={String(choice)}>
                {shownCount(choice)} ×
              </option>
            ))}
          </select>
        </label>
      </div>
      {controlFault.value !== '' && (
        <p class="fault" role="alert">
          {controlFault.value}
        </p>
      )}
    </section>
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
      {drive.value && <Drive state={drive.value} />}
    </header>
  );
}
