import { clockText } from './format.ts';
import { alerts } from './page-state.ts';

/** Announced when they come: the one part of the page that speaks by itself. */
export function Alerts() {
  const all = alerts.value;
  return (
    <section class="alerts" aria-label="Alerts" aria-live="polite">
      {all.map(({ id, severity, title, detail, figures, sinceMs }) => (
        <div key={id} class={`alert ${severity}`}>
          <strong>{title}</strong> <span>{detail}</span>{' '}
          {figures && <span aria-live="off">{figures} </span>}
          <small>since {clockText(sinceMs)} UTC</small>
        </div>
      ))}
    </section>
  );
}
