/** Builds the sample backup, or finds it: `node test/guests/build.ts [--json]`. Progress goes to stderr. */
import { buildDebian12 } from './debian12.ts';

const started = Date.now();
const log = (line: string): void => {
  console.error(`[${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s] ${line}`);
};

const sample = await buildDebian12(log);
log(sample.fresh ? 'the sample is ready' : 'the sample was built before');
console.log(process.argv.includes('--json') ? JSON.stringify(sample) : sample.backupDir);
