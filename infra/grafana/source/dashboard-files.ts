import { alertRules } from './alerts.ts';
import { build } from './dashboard-frame.ts';
import { comparison } from './dashboards/comparison.ts';
import { conditions } from './dashboards/conditions.ts';
import { corridors } from './dashboards/corridors.ts';
import { intraday } from './dashboards/intraday.ts';
import { liquidity } from './dashboards/liquidity.ts';
import { operations } from './dashboards/operations.ts';
import { oversight } from './dashboards/oversight.ts';
import { overview } from './dashboards/overview.ts';
import { participant } from './dashboards/participant.ts';
import { queues } from './dashboards/queues.ts';
import { security } from './dashboards/security.ts';
import { studies } from './dashboards/studies.ts';
import { watched } from './dashboards/watched.ts';

export const DASHBOARDS = [
  overview,
  corridors,
  liquidity,
  intraday,
  oversight,
  queues,
  conditions,
  participant,
  security,
  operations,
  comparison,
  studies,
  watched,
];

/** The files that Grafana provisions, by their path below infra/grafana. */
export function files(): ReadonlyMap<string, string> {
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
  return new Map([
    ...DASHBOARDS.map((one): [string, string] => [
      `dashboards/${one.uid.replace('corridor-', '')}.json`,
      json(build(one)),
    ]),
    ['provisioning/alerting/rules.json', json(alertRules())],
  ]);
}
