#!/usr/bin/env node
/** Writes the JSON Schema of the backup set from the schema that the agent itself checks with. */
import { writeFileSync } from 'node:fs';
import { manifestJsonSchema } from '../agent/repositories/backup-set.ts';

writeFileSync(
  new URL('../agent/repositories/backup-set.schema.json', import.meta.url),
  `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`,
);
