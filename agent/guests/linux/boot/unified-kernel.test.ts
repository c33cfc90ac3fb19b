import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AscendError } from '../../../../proto/errors.ts';
import { Severity } from '../../../../proto/gen/ascend/v1/finding.ts';
import { Firmware } from '../../../../proto/gen/ascend/v1/machine.ts';
import { writeCpio } from '../initramfs/cpio.ts';
import { FolderGuest } from '../fixtures/folder-guest.ts';
import { readKernels } from './kernels.ts';
import { planKernel } from '../drivers/segment.ts';
import { readUnifiedKernels } from './unified-kernel.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'ascend-uki-'));
  await mkdir(path.join(root, 'boot/efi/EFI/Linux'), { recursive: true });
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function read(image: Buffer) {
  await writeFile(path.join(root, 'boot/efi/EFI/Linux/debian.efi'), image);
  return readUnifiedKernels(new FolderGuest(root));
}

/** As systemd's stub is filled: headers, then each section on a multiple of 512. */
function imageOf(sections: Record<string, Buffer>): Buffer {
  const names = Object.entries(sections);
  const head = Buffer.alloc(1024);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(128, 0x3c);
  head.write('PE\0\0', 128, 'latin1');
  head.writeUInt16LE(names.length, 128 + 6);
  head.writeUInt16LE(112, 128 + 20);
  const bodies: Buffer[] = [];
  let offset = head.length;
  names.forEach(([name, content], index) => {
    const at = 128 + 24 + 112 + index * 40;
    const padded = Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
    head.write(name, at, 'latin1');
    head.writeUInt32LE(content.length, at + 8);
    head.writeUInt32LE(padded.length, at + 16);
    head.writeUInt32LE(offset, at + 20);
    offset += padded.length;
    bodies.push(padded);
  });
  return Buffer.concat([head, ...bodies]);
}

const ANYTHING = {
  firmware: Firmware.UEFI,
  network: 'virtio-net',
  kernelArguments: [],
  guestAgent: undefined,
  cloud: undefined,
  nics: [],
  supplies: {},
} as const;

const INITRD = gzipSync(
  writeCpio(
    ['usr', 'usr/lib'],
    [['usr/lib/modules/6.1.0-56/kernel/drivers/block/virtio_blk.ko', Buffer.from('module')]],
  ),
);
const GOOD = imageOf({
  '.linux': Buffer.from('kernel'),
  '.uname': Buffer.from('6.1.0-56\n'),
  '.cmdline': Buffer.from('root=/dev/sda2 ro\0'),
  '.initrd': INITRD,
});

it('reads version, arguments and initramfs', async () => {
  const [image, ...more] = await read(GOOD);
  expect(more).toEqual([]);
  expect(image).toMatchObject({
    path: '/boot/efi/EFI/Linux/debian.efi',
    version: '6.1.0-56',
    arguments: 'root=/dev/sda2 ro',
  });
  expect([...(image?.initramfs?.modules ?? [])]).toEqual(['virtio_blk']);
});

const wants = { ...ANYTHING, storage: 'virtio-blk', serialConsole: 'ttyS0' } as const;

it('is proven by what it holds, and blocks where that does not do', async () => {
  const modules = path.join(root, 'lib/modules/6.1.0-56');
  await mkdir(modules, { recursive: true });
  await writeFile(path.join(modules, 'modules.dep'), 'kernel/drivers/block/virtio_blk.ko:\n');
  const findingsOf = async (builtIn: string, image: Buffer) => {
    await writeFile(path.join(modules, 'modules.builtin'), builtIn);
    const [kernel, ...more] = await readKernels(new FolderGuest(root), [], await read(image));
    if (kernel === undefined || more.length > 0) throw new Error('one kernel was expected');
    const { fixes, findings } = planKernel(kernel, wants, new Map(), { builders: [], isEncrypted: false });
    expect(fixes).toEqual([]);
    return findings.map(({ code, severity, message }) => [
      code,
      severity,
      message.replace(/.*\.efi (.*), and .*/, '$1'),
    ]);
  };
  expect(await findingsOf('', GOOD)).toEqual([
    ['guest.unified-kernel', Severity.BLOCK, "has no driver for the target's disks: virtio_pci"],
    ['guest.unified-kernel', Severity.BLOCK, 'names its root by hardware (root=/dev/sda2)'],
    ['guest.unified-arguments', Severity.WARN, 'starts kernel 6.1.0-56 without console=ttyS0'],
  ]);
  const byUuid = imageOf({
    '.uname': Buffer.from('6.1.0-56'),
    '.cmdline': Buffer.from('root=UUID=aaaa console=ttyS0'),
    '.initrd': INITRD,
  });
  expect(await findingsOf('kernel/drivers/virtio/virtio_pci.ko\n', byUuid)).toEqual([]);
});

it('says what it does not know of an image without these sections, and of no image at all', async () => {
  const nothing = { version: undefined, arguments: '', initramfs: undefined };
  expect(await read(imageOf({ '.linux': Buffer.from('kernel') }))).toMatchObject([nothing]);
  expect(await read(Buffer.from('MZ'))).toMatchObject([nothing]);
  expect(await read(Buffer.alloc(0))).toMatchObject([nothing]);
});

it('reads anything, or says why not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(GOOD.length - 1), fc.uint8Array({ maxLength: 8 }), async (at, bytes) => {
      const image = Buffer.from(GOOD);
      image.set(bytes.subarray(0, image.length - at), at);
      try {
        expect(await read(image)).toHaveLength(1);
      } catch (error) {
        expect(error).toBeInstanceOf(AscendError);
      }
    }),
    { numRuns: 150 },
  );
});
