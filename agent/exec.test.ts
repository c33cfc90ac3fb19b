import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { converse, exec } from './exec.ts';

it('returns what the program printed', async () => {
  await expect(exec('sh', ['-c', 'echo out; echo err >&2'])).resolves.toEqual({
    stdout: 'out',
    stderr: 'err',
  });
});

it('says which program failed, how, and the end of its stderr', async () => {
  await expect(exec('sh', ['-c', 'echo disk on fire >&2; exit 7'])).rejects.toMatchObject({
    code: 'host.command-failed',
    message: 'sh failed with exit code 7: disk on fire',
  });
});

it('names the package of a program that is not installed', async () => {
  await expect(exec('virsh', [], { env: { PATH: '/nonexistent:/usr/sbin' } })).rejects.toMatchObject({
    code: 'host.tool-missing',
    hint: 'Install it: apt-get install libvirt-clients',
  });
});

it('stops the program when the signal fires', async () => {
  const controller = new AbortController();
  const sleeping = exec('sleep', ['60'], { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await expect(sleeping).rejects.toMatchObject({ code: 'run.cancelled' });
});

it('talks to a program line by line', async () => {
  await using shell = converse('sh', []);
  shell.write('echo one\necho two >&2\nexit\n');
  let heard = '';
  for await (const chunk of shell.output) heard += chunk;
  expect(heard).toBe('one\ntwo\n');
});

it('ends a conversation, and what keeps it busy, when the signal fires', async () => {
  const controller = new AbortController();
  await using shell = converse('sh', [], { signal: controller.signal });
  shell.write('sleep 60\necho cleaned up\n');
  setTimeout(() => controller.abort(), 200);
  let heard = '';
  for await (const chunk of shell.output) heard += chunk;
  expect(heard).toContain('cleaned up');
});

it('takes its children along when it is killed', async () => {
  const script = `
    import { exec } from ${JSON.stringify(import.meta.resolve('./exec.ts'))};
    void exec('sh', ['-c', 'echo $$; exec sleep 60'], { onStdout: (pid) => process.stdout.write(pid) });
  `;
  const parent = execa(process.execPath, ['--input-type=module-typescript', '-e', script], { reject: false });
  const pid = await new Promise<number>((resolve) =>
    parent.stdout.once('data', (line: Buffer) => resolve(Number(line.toString()))),
  );
  expect(alive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await parent;
  for (let tries = 0; tries < 50 && alive(pid); tries += 1) await sleep(20);
  expect(alive(pid)).toBe(false);
});

/** A zombie is dead too: not every container's first process reaps its orphans. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

it('hears what a conversation writes to stderr and stdout in the order of writing', async () => {
  const rounds = 500;
  const script = 'while read n; do echo "error $n" >&2; echo "answer $n"; done';
  const lines: string[] = [];
  {
    await using talk = converse('sh', ['-c', script]);
    let heard = '';
    let round = 0;
    talk.write(`${round}\n`);
    for await (const part of talk.output) {
      heard += part;
      if (!heard.includes(`answer ${round}\n`)) continue;
      lines.push(heard);
      heard = '';
      round += 1;
      if (round === rounds) break;
      talk.write(`${round}\n`);
    }
  }
  expect(lines).toEqual(Array.from({ length: rounds }, (_, n) => `error ${n}\nanswer ${n}\n`));
});
