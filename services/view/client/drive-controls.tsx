import { signal } from '@preact/signals';
import type { DriveState } from '../told-to-page.ts';
import { control } from './api.ts';
import { clockText, dateTimeText, shownCount, shownRate } from './format.ts';
import { connection, drive } from './page-state.ts';

const controlFault = signal('');

async function command(given: object): Promise<void> {
  try {
    drive.value = await control(given);
    controlFault.value = '';
  } catch (error) {
    controlFault.value = (error as Error).message;
  }
}

/** How far a driven scenario is, and what its operator may do: pause, resume, speed. */
export function DriveControls({ state }: { readonly state: DriveState }) {
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
