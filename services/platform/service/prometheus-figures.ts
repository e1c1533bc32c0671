/** Prometheus figures over one registry, with the labels of a service. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface ServiceLabels {
  readonly service: string;
  /** Empty where the service belongs to no pool. */
  readonly pool: string;
}

const LABELS = ['service', 'pool'];
/** From a tenth of a millisecond to half a minute. */
const SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30];

export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** Services of one process share a registry, so a figure may be there already. */
export function createFigures(registry: Registry, labels: ServiceLabels) {
  const own = { ...labels };
  return {
    counter(name: string, help: string) {
      const counter =
        (registry.getSingleMetric(name) as Counter | undefined) ??
        new Counter({ name, help, labelNames: LABELS, registers: [registry] });
      counter.inc(own, 0);
      return (by = 1) => counter.inc(own, by);
    },
    gauge(name: string, help: string) {
      const gauge =
        (registry.getSingleMetric(name) as Gauge | undefined) ??
        new Gauge({ name, help, labelNames: LABELS, registers: [registry] });
      return (value: number) => gauge.set(own, value);
    },
    duration(name: string, help: string) {
      const histogram =
        (registry.getSingleMetric(name) as Histogram | undefined) ??
        new Histogram({
          name,
          help,
          labelNames: LABELS,
          buckets: SECONDS,
          registers: [registry],
        });
      return (seconds: number) => histogram.observe(own, seconds);
    },
  };
}
