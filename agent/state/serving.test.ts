import { execa } from 'execa';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openDatabase } from './database.ts';
import { claimServing } from './serving.ts';

it('lets one process serve at a time, and the next one after it was killed', async () => {
  const folder = await temporaryFolder('serving');
  const from = (file: string) => JSON.stringify(import.meta.resolve(file));
  const script = `
    import { openDatabase } from ${from('./database.ts')};
    import { claimServing } from ${from('./serving.ts')};
    claimServing(openDatabase(${JSON.stringify(folder)}));
    console.log(process.pid);
    setTimeout(() => undefined, 60_000);
  `;
  const other = execa(process.execPath, ['--input-type=module-typescript', '-e', script], { reject: false });
  const pid = await new Promise<string>((resolve) =>
    other.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())),
  );
  const database = openDatabase(folder);
  expect(() => claimServing(database)).toThrow(
    expect.objectContaining({
      code: 'state.conflict',
      message: `This agent is served already, by process ${pid}.`,
    }),
  );
  other.kill('SIGKILL');
  await other;
  claimServing(database);
  claimServing(database);
});
