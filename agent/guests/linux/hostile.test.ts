/** Whatever a guest's files hold, reading and planning give an answer, and the same one for their own result. */
import fc from 'fast-check';
import { it } from 'vitest';
import { planArguments } from './boot/arguments.ts';
import type { BootFileKind } from './boot/boot-files.ts';
import { planCrypttab } from './storage/crypttab.ts';
import { planFstab } from './storage/fstab.ts';
import { networkStacks } from './network/index.ts';
import { parseRelease, RELEASE_FILES } from './release.ts';

const ROOT = {
  device: '/dev/sda1',
  spec: undefined,
  uuids: new Map([['/dev/sda1', 'root-uuid']]),
  aliases: new Map<string, string>(),
};
const KINDS: BootFileKind[] = [
  'grub',
  'grub-legacy',
  'entry',
  'environment',
  'extlinux',
  'defaults',
  'next-entry',
];

/** Words that mean something to one of the readers, and rubbish, in any order. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'linux',
        'options',
        'kernel',
        'append',
        'root=/dev/sda1',
        'resume=UUID=x',
        'kernelopts=',
      ),
      fc.constantFrom(
        'GRUB_CMDLINE_LINUX=',
        '"',
        "'",
        '\\',
        '\n',
        '\t',
        ' ',
        '=',
        '#',
        '[Match]',
        '[ipv4]',
        'ethernets:',
      ),
      fc.constantFrom(
        'iface',
        'DEVICE=eth0',
        'match:',
        'type=ethernet',
        '/dev/sda1',
        '/',
        'ext4',
        'defaults',
        '$kernelopts',
      ),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 40 },
  )
  .map((words) => words.join(' '));

it('plans kernel arguments once', () => {
  const wishes = { serialConsole: 'ttyS0', kernelArguments: ['a.b=1', 'c'] };
  fc.assert(
    fc.property(text, fc.constantFrom(...KINDS), (content, kind) => {
      const plan = (now: string) => planArguments([{ path: '/x', kind, text: now }], ROOT, wishes, ['5.0']);
      const last = plan(content)
        .flatMap(({ changes }) => changes)
        .at(-1);
      return last?.kind !== 'write' || plan(last.content).length === 0;
    }),
    { numRuns: 500 },
  );
});

it('plans fstab and crypttab once', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(planFstab, planCrypttab), (content, plan) => {
      const [change] = plan(content, ROOT).fixes.flatMap(({ changes }) => changes);
      return change?.kind !== 'write' || plan(change.content, ROOT).fixes.length === 0;
    }),
    { numRuns: 300 },
  );
});

it('reads network files and releases', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...networkStacks), (content, stack) => {
      const file = { path: '/etc/x/ifcfg-eth0', text: content };
      for (const nic of stack.nics(file)) {
        const wish = { addressing: 'dhcp' as const, macStays: false };
        const once = { ...file, text: stack.readdress(file, nic, wish) };
        stack.nics(once);
      }
      for (const path of RELEASE_FILES) parseRelease(path, content);
    }),
    { numRuns: 300 },
  );
});
