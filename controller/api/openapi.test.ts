import { expect, test } from 'vitest';
import { startTrial } from '../testing/start.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { operationId?: string; summary?: string; responses: object }>>;
  components: { schemas: Record<string, unknown> };
}

test('the document is served to anybody, and whole', async () => {
  await using trial = await startTrial();
  const response = await trial.app.request('/api/openapi.json');
  const text = await response.text();
  const document = JSON.parse(text) as Document;
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
  expect(operations.length).toBeGreaterThan(30);
  const names = operations.map(({ operationId }) => operationId);
  expect(names).not.toContain(undefined);
  expect(new Set(names).size).toBe(names.length);
  for (const { summary, responses } of operations) {
    expect(summary).toBeTruthy();
    expect(responses).toHaveProperty('default');
  }
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
  expect(references.length).toBeGreaterThan(10);
  for (const name of references) expect(document.components.schemas).toHaveProperty(name);
});

test('asking for the document twice gives the same one', async () => {
  await using trial = await startTrial();
  const ask = async () => (await trial.app.request('/api/openapi.json')).text();
  expect(await ask()).toBe(await ask());
});
