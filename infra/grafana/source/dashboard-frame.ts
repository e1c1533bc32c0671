import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { ClickHouseTarget, DATASOURCE } from './clickhouse-target.ts';
import { type Panel, placed } from './panels.ts';

/** A variable: its choices are a query's rows. */
export interface Variable {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly sql: string;
  readonly several: boolean;
}

export const RUN_VARIABLE: Variable = {
  name: 'run',
  label: 'Run',
  description: 'A pilot run, or the live network',
  sql: 'SELECT run FROM runs GROUP BY run ORDER BY run DESC',
  several: false,
};
export const RUNS_VARIABLE: Variable = { ...RUN_VARIABLE, label: 'Runs', several: true };
export const POOL_VARIABLE: Variable = {
  name: 'pool',
  label: 'Pool',
  description: 'Settlement pools: currencies that settle against each other share one',
  sql: 'SELECT pool FROM currencies WHERE run IN (${run:sqlstring}) GROUP BY pool ORDER BY pool',
  several: true,
};
export const CURRENCY_VARIABLE: Variable = {
  name: 'currency',
  label: 'Currency',
  description: 'Currencies of the chosen pools',
  sql: 'SELECT currency FROM currencies WHERE run IN (${run:sqlstring}) AND pool IN (${pool:sqlstring}) GROUP BY currency ORDER BY currency',
  several: true,
};
export const BANK_VARIABLE: Variable = {
  name: 'bank',
  label: 'Bank',
  description: 'A participant, by its BIC',
  sql: 'SELECT bic FROM participants WHERE run IN (${run:sqlstring}) GROUP BY bic ORDER BY bic',
  several: false,
};

export const STUDY_VARIABLE: Variable = {
  name: 'study',
  label: 'Study',
  description: 'A study or a stress test that was published',
  sql: 'SELECT run FROM studies GROUP BY run ORDER BY run DESC',
  several: false,
};

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
}

const ALL = { selected: true, text: ['All'], value: ['$__all'] };

function variable({ name, label, description, sql, several }: Variable) {
  const builder = new dashboard.QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .query(sql)
    .definition(sql)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.Disabled)
    .multi(several)
    .includeAll(several);
  return several ? builder.current(ALL) : builder;
}

/** What the scenario did, drawn into every time series: outages, changes of liquidity, defaults. */
const scenarioEvents = () =>
  new dashboard.AnnotationQueryBuilder()
    .name('Scenario events')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('orange')
    .target(
      new ClickHouseTarget(
        `SELECT from_time AS time, until_time AS timeEnd, text, kind AS tags
FROM scenario_events
WHERE run IN (\${run:sqlstring}) AND from_time <= $__toTime AND until_time >= $__fromTime
ORDER BY time`,
        'table',
        'Anno',
      ) as never,
    );

/** The links from each dashboard to the others, which keep run, pool and time. */
const links = () =>
  new dashboard.DashboardLinkBuilder('Corridor')
    .type(dashboard.DashboardLinkType.Dashboards)
    .tags(['corridor'])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);

export function build(spec: Dashboard): dashboard.Dashboard {
  const begun = new dashboard.DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags(['corridor'])
    .timezone('utc')
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-6h', to: 'now' })
    .refresh('5s')
    .readonly()
    .variables(spec.variables.map(variable));
  // They are a run's.
  const isOfRuns = spec.variables.some(({ name }) => name === 'run');
  const marked = isOfRuns ? begun.annotation(scenarioEvents()) : begun;
  const built = marked.link(links()).build();
  return { ...built, panels: placed(spec.panels) };
}
