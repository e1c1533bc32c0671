/** What Grafana is given: the committed dashboards and alert rules. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../services/platform/service/build-info.ts';
import type { PanelJson } from './dashboards-macros.ts';

const GRAFANA = join(packageFolder, 'infra/grafana');

export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly { name: string; query: string }[] };
  /** Without a list where there are none. */
  readonly annotations: { readonly list?: readonly { target?: { rawSql?: string } }[] };
}

export const dashboards = readdirSync(join(GRAFANA, 'dashboards')).map(
  (file): DashboardJson => JSON.parse(readFileSync(join(GRAFANA, 'dashboards', file), 'utf8')),
);

export const alerts: readonly { title: string; data: { model: { rawSql?: string } }[] }[] =
  JSON.parse(
    readFileSync(join(GRAFANA, 'provisioning/alerting/rules.json'), 'utf8'),
  ).groups.flatMap(({ rules }: { rules: object[] }) => rules);

const withQuery = dashboards.flatMap(({ title, panels }) =>
  panels
    .filter(({ targets }) => targets)
    .map((panel) => ({
      title,
      panel,
      name: `${title} / ${panel.title}`,
      sql: panel.targets?.[0]?.rawSql ?? '',
    })),
);

/** Chains and what is attested of them: the run that the others are held against has none. */
const OF_CONDITIONS = 'Chains and conditions';
/** Whole dates: the range that the others are held over ends within one. */
const OF_DATES = ['Intraday liquidity', 'Oversight'];
/** Studies, which are of no run. */
const OF_STUDIES = 'Stress and studies';
/** Scores of a model, which the run has none of. */
const OF_WATCH = 'Watched flow';
/** Of the others those that look back on dates before. */
const BY_DATES_BEFORE = ['Need for the rest of the day', 'What these forecasts were worth'];
const isOfDates = ({ title, panel }: (typeof withQuery)[number]) =>
  OF_DATES.includes(title) || BY_DATES_BEFORE.includes(panel.title);
/** Panels that have a query. */
export const queried = withQuery.filter(
  (one) => ![OF_CONDITIONS, OF_STUDIES, OF_WATCH].includes(one.title) && !isOfDates(one),
);
export const conditionPanels = withQuery.filter(({ title }) => title === OF_CONDITIONS);
export const studyPanels = withQuery.filter(({ title }) => title === OF_STUDIES);
export const watchPanels = withQuery.filter(({ title }) => title === OF_WATCH);
export const panelsOfDates = withQuery.filter(isOfDates);
