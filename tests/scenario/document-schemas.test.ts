import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { MappingSchema } from '../../services/import/mapping-schema.ts';
import { PssimpySchema } from '../../services/import/pssimpy-schema.ts';
import { SimcashSchema } from '../../services/import/simcash-schema.ts';
import { ScenarioSchema } from '../../services/scenario/schema.ts';
import { StudySchema } from '../../services/study/study-schema.ts';

const SCHEMAS = { MappingSchema, PssimpySchema, ScenarioSchema, SimcashSchema, StudySchema };

for (const [name, schema] of Object.entries(SCHEMAS))
  test(`${name} is a schema, which a start takes for granted`, () => {
    const ajv = new Ajv();
    assert.ok(ajv.validateSchema(schema), ajv.errorsText());
    assert.equal(ajv.validateSchema({ ...schema, required: 'name' }), false);
  });
