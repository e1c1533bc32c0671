// Writes the check of scenarios' files as code beside its module (services/scenario/yaml-against-schema.ts): each command
// that reads one would wait a tenth of a second for it. Run by scripts/build.mjs, of what the compiler wrote.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { ScenarioSchema } from '../dist/services/scenario/schema.js';
import { CHECK_OPTIONS } from '../dist/services/scenario/yaml-against-schema.js';

const file = fileURLToPath(
  new URL('../dist/services/scenario/scenario-check.cjs', import.meta.url),
);

/**
 * The same schema with what lists and mappings hold apart from them: of each becomes a function of its own, and V8 compiles
 * none that a file has nothing for. Places in the schema differ: of alternatives, which are told apart by them, it has none.
 */
function withEntriesApart(schema) {
  const $defs = {};
  const each = (members, change) =>
    Object.fromEntries(Object.entries(members).map(([key, one]) => [key, change(one)]));
  const entry = (one) => {
    const whole = within(one);
    if (whole.type !== 'object') return whole;
    const name = `entry${Object.keys($defs).length}`;
    $defs[name] = whole;
    return { $ref: `#/$defs/${name}` };
  };
  const within = (one) => ({
    ...one,
    ...(one.properties && { properties: each(one.properties, within) }),
    ...(one.patternProperties && { patternProperties: each(one.patternProperties, entry) }),
    ...(one.items && { items: entry(one.items) }),
  });
  return { ...within(schema), $defs };
}

const ajv = new Ajv({ ...CHECK_OPTIONS, inlineRefs: false, code: { source: true } });
writeFileSync(file, standalone.default(ajv, ajv.compile(withEntriesApart(ScenarioSchema))));
