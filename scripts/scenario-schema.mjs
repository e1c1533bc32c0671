// Writes scenarios/scenario.schema.json, the published form of services/scenario/schema.ts.
//   node scripts/scenario-schema.mjs
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './build.mjs';

await build();
const { publishedSchema } = await import('../dist/services/scenario/schema.js');
writeFileSync(join(root, 'scenarios/scenario.schema.json'), publishedSchema());
