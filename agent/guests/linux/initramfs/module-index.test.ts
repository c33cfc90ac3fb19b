import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { writeModuleIndex } from './module-index.ts';

const DEPENDENCIES = new Map([
  [
    'kernel/drivers/block/virtio_blk.ko',
    ['kernel/drivers/virtio/virtio_ring.ko', 'kernel/drivers/virtio/virtio.ko'],
  ],
  ['kernel/drivers/virtio/virtio.ko', []],
  ['kernel/drivers/virtio/virtio_ring.ko', ['kernel/drivers/virtio/virtio.ko']],
  ['kernel/net/9p/9pnet.ko', []],
  ['kernel/x/v.ko', []],
]);

it('is an index that modprobe reads', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'modules-'));
  try {
    const folder = path.join(root, 'lib/modules/1.0');
    for (const file of DEPENDENCIES.keys()) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), '');
    }
    writeFileSync(path.join(folder, 'modules.dep.bin'), writeModuleIndex(DEPENDENCIES));
    const loads = (name: string) =>
      execFileSync('modprobe', ['-d', root, '-S', '1.0', '--show-depends', name], { encoding: 'utf8' })
        .split('\n')
        .flatMap((line) => /\/([^/ ]+\.ko)/.exec(line)?.[1] ?? []);
    expect(loads('virtio_blk')).toEqual(['virtio.ko', 'virtio_ring.ko', 'virtio_blk.ko']);
    expect(loads('virtio-ring')).toEqual(['virtio.ko', 'virtio_ring.ko']);
    expect(loads('9pnet')).toEqual(['9pnet.ko']);
    expect(loads('v')).toEqual(['v.ko']);
    expect(() => loads('virti')).toThrow();
  } finally {
    rmSync(root, { recursive: true });
  }
});

it('leaves out names that no module has', () => {
  const hostile = new Map([
    [`kernel/${'a'.repeat(100_000)}.ko`, []],
    ['kernel/\u00e9.ko', []],
  ]);
  expect(writeModuleIndex(hostile)).toEqual(writeModuleIndex(new Map()));
});
