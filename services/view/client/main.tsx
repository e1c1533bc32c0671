import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import type { ViewDelta } from '../told-to-page.ts';
import { Accounts } from './accounts.tsx';
import { Alerts } from './alerts.tsx';
import { keepToken, takeToken } from './api.ts';
import { Cases } from './cases.tsx';
import { Chains } from './chains.tsx';
import { Corridors } from './corridors.tsx';
import { Cycles } from './cycles.tsx';
import { Feed } from './feed.tsx';
import { Header } from './header.tsx';
import { Tiles } from './key-figures.tsx';
import { alerts, apply, connection, isFilled } from './page-state.ts';
import { followColourScheme } from './palette.ts';
import { Payment } from './payment.tsx';
import { followStream } from './reconnecting-stream.ts';
import { SeriesCharts } from './series-charts.tsx';
import { Services } from './services.tsx';
import { TokenForm } from './token.tsx';
import { Watched } from './unusual-payments.tsx';

const token = signal<string | null>(takeToken());
const wasRefused = signal(false);

function start(given: string): void {
  keepToken(given);
  token.value = given;
  connection.value = 'connecting';
  void followStream('stream', given, {
    open: () => {
      connection.value = 'live';
    },
    event: (name, data) => apply(JSON.parse(data) as ViewDelta, name === 'snapshot'),
    lost: () => {
      connection.value = 'lost';
    },
    refused: () => {
      keepToken(null);
      token.value = null;
      wasRefused.value = true;
      connection.value = 'refused';
    },
  });
}

function Page() {
  if (token.value === null) return <TokenForm wasRefused={wasRefused.value} use={start} />;
  return (
    <>
      <a class="skip" href="#main">
        To the figures
      </a>
      <Header />
      <main id="main" tabIndex={-1} class={connection.value === 'lost' ? 'stale' : ''}>
        {isFilled.value ? (
          <>
            <Alerts />
            <Cases />
            <Tiles />
            <SeriesCharts />
            <div class="two">
              <Accounts />
              <Cycles />
            </div>
            <Watched />
            <Chains />
            <Corridors />
            <div class="two">
              <Feed />
              <Services />
            </div>
          </>
        ) : (
          <p class="starting">
            {connection.value === 'lost'
              ? 'The server cannot be reached. It is asked again until it answers.'
              : 'Waiting for the first figures…'}
          </p>
        )}
      </main>
      <Payment />
    </>
  );
}

// Seen on the tab while another is in front.
effect(() => {
  const count = alerts.value.length;
  document.title = `${count > 0 ? `(${count}) ` : ''}Corridor live view`;
});
followColourScheme();
const place = document.getElementById('app');
if (place) {
  place.replaceChildren();
  render(<Page />, place);
}
if (token.value !== null) start(token.value);
