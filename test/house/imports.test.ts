/** The shape of the house, as a test: imports point one way, and what must be in one place is in that place. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { unregistered, violations, type SourceFile } from './arrows.ts';
import { importsOf, listFiles, readSourceFiles, ROOT } from './source-files.ts';

const files = readSourceFiles();
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

it('imports point the right way', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(violations(files)).toEqual([]);
});

it.each<[rule: string, file: string, target: string, typeOnly?: boolean]>([
  ['the agent imports nothing but itself and proto', 'agent/link/link.ts', 'controller/link/server.ts'],
  ['the agent imports nothing but itself and proto', 'agent/link/link.test.ts', 'controller/https.ts', true],
  ['the controller imports nothing but itself and proto', 'controller/runs/runs.ts', 'agent/exec.ts', true],
  [
    'the controller imports nothing but itself and proto',
    'controller/rooms.ts',
    'controller/console/app.tsx',
  ],
  ['proto imports nothing but proto', 'proto/errors.ts', 'agent/exec.ts'],
  ['the console knows the API by its types alone', 'controller/console/app.tsx', 'controller/api/app.ts'],
  [
    'the console knows the API by its types alone',
    'controller/console/app.tsx',
    'controller/runs/run.ts',
    true,
  ],
  ['the console knows the API by its types alone', 'controller/console/data/x.ts', 'proto/errors.ts'],
  [
    'a room of the agent never imports the pipeline, the service or the commands',
    'agent/targets/kvm/session.ts',
    'agent/pipeline/analyse.ts',
    true,
  ],
  [
    'a room of the agent never imports the pipeline, the service or the commands',
    'agent/state/runs.ts',
    'agent/cli/shell.ts',
  ],
  ['nobody imports a composition root', 'agent/cli/serve.ts', 'agent/main.ts'],
  ['a provider never imports another provider', 'agent/sources/ec2/index.ts', 'agent/sources/vmware/vmx.ts'],
  ['a provider never imports another provider', 'agent/targets/kvm/index.ts', 'agent/sources/vmware/vmx.ts'],
  ['a provider is imported by its registry alone', 'agent/cli/check.ts', 'agent/targets/kvm/index.ts'],
  [
    'the rooms of a Linux guest point one way',
    'agent/guests/linux/storage/fstab.ts',
    'agent/guests/linux/boot/kernels.ts',
  ],
  [
    'the rooms of a Linux guest point one way',
    'agent/guests/linux/nics/nics.ts',
    'agent/guests/linux/drivers/segment.ts',
  ],
  ['only agent/exec.ts runs programs', 'agent/host/acceleration.ts', 'node:child_process'],
  ['only agent/exec.ts runs programs', 'controller/main.ts', 'execa'],
])('catches a wrong arrow: %s (%s -> %s)', (rule, file, target, typeOnly = false) => {
  const caught = violations([{ file, imports: [{ target, typeOnly }] }]);
  expect(caught.map((violation) => violation.rule)).toContain(rule);
});

it('lets the right arrows pass', () => {
  const right: [string, string, boolean][] = [
    ['agent/link/link.ts', 'proto/errors.ts', false],
    ['agent/pipeline/analyse.ts', 'agent/sources/source.ts', true],
    ['agent/targets/index.ts', 'agent/targets/kvm/index.ts', false],
    ['agent/targets/kvm/check.ts', 'agent/host/acceleration.ts', false],
    ['agent/guests/apply.ts', 'agent/guests/linux/initramfs/initramfs.ts', false],
    ['agent/exec.test.ts', 'execa', false],
    ['controller/console/data/client.ts', 'controller/api/app.ts', true],
    ['controller/console/app.tsx', 'react', false],
    ['test/link/store.ts', 'agent/link/link.ts', false],
  ];
  const all = right.map(([file, target, typeOnly]) => ({ file, imports: [{ target, typeOnly }] }));
  expect(violations(all)).toEqual([]);
});

it('sees every way to import', () => {
  const text = `
    import './effect.ts';
    import { type A, type B } from '../types.ts';
    import { type C, d } from '../both.ts';
    import type E from 'package';
    export * from './again.ts';
    export type { F } from './again-type.ts';
    const later = await import('./later.ts');
    type G = import('./in-type.ts').G;
    // import './comment.ts';
  `;
  expect(importsOf('agent/link/x.ts', text)).toEqual([
    { target: 'agent/link/effect.ts', typeOnly: false },
    { target: 'agent/types.ts', typeOnly: true },
    { target: 'agent/both.ts', typeOnly: false },
    { target: 'package', typeOnly: true },
    { target: 'agent/link/again.ts', typeOnly: false },
    { target: 'agent/link/again-type.ts', typeOnly: true },
    { target: 'agent/link/later.ts', typeOnly: false },
    { target: 'agent/link/in-type.ts', typeOnly: true },
  ]);
});

it('registers every provider', () => {
  expect(unregistered(files)).toEqual([]);
});

it('catches a provider that is not registered', () => {
  const forgotten: SourceFile[] = [
    { file: 'agent/targets/index.ts', imports: [{ target: 'agent/targets/kvm/index.ts', typeOnly: false }] },
    { file: 'agent/targets/kvm/index.ts', imports: [] },
    { file: 'agent/targets/ec2/index.ts', imports: [] },
    { file: 'agent/sources/vmware/index.ts', imports: [] },
  ];
  expect(unregistered(forgotten)).toEqual(['agent/targets/ec2', 'agent/sources/vmware']);
});

it('has a README in every provider folder', () => {
  const providers = new Set(
    files.flatMap(({ file }) => /^agent\/(?:sources|targets)\/[^/]+(?=\/)/.exec(file)?.[0] ?? []),
  );
  expect(providers.size).toBeGreaterThan(1);
  expect([...providers].filter((folder) => !existsSync(path.join(ROOT, folder, 'README.md')))).toEqual([]);
});

it('reads the environment and exits in main.ts alone', () => {
  const isProduct = (file: string) => /^(proto|agent|controller)\//.test(file) && !/\.test\.tsx?$/.test(file);
  const others = files.filter(({ file }) => isProduct(file) && path.basename(file) !== 'main.ts');
  const touching = others.filter(({ file }) => /\bprocess\.(env|exit|exitCode)\b/.test(read(file)));
  expect(touching.map(({ file }) => file)).toEqual([]);
});

it('names no platform in the controller', () => {
  const platform = /vmware|kvm|libvirt|cloudstack|hyper-?v|nutanix|\bec2\b|azure/i;
  const own = listFiles().filter(
    (file) => file.startsWith('controller/') && /\.(tsx?|css|html|sql)$/.test(file) && !isTest(file),
  );
  expect(own.length).toBeGreaterThan(100);
  expect(own.filter((file) => platform.test(read(file)))).toEqual([]);
});

/** A test of the controller needs some platform to speak of. */
function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file) || file.startsWith('controller/testing/');
}

it('keeps every file short', () => {
  const long = files.filter(({ file }) => read(file).split('\n').length > 400);
  expect(long.map(({ file }) => file)).toEqual([]);
});

it('names every file after what is in it', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|shared)(\.[^/]*)?(\/|$)/i;
  expect(listFiles().filter((file) => vague.test(file))).toEqual([]);
});
