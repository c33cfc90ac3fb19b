import { expect, it } from 'vitest';
import { planCrypttab, unlockFindings } from './crypttab.ts';

const ROOT = {
  device: '/dev/mapper/luks-x',
  spec: '/dev/mapper/sda3_crypt',
  uuids: new Map([['/dev/sda3', 'luks-uuid']]),
  aliases: new Map<string, string>(),
};

it('names encrypted volumes by UUID, and tells of those that are not there', () => {
  const text =
    '# a comment\nsda3_crypt /dev/sda3 none luks,discard\nb UUID=x none\ndata /dev/sdb1 /etc/key luks\n';
  const { fixes, findings } = planCrypttab(text, ROOT);
  const content = text.replace('/dev/sda3', 'UUID=luks-uuid');
  expect(fixes.flatMap(({ changes }) => changes)).toEqual([
    { kind: 'write', path: '/etc/crypttab', content },
  ]);
  expect(findings.map(({ code, subject }) => [code, subject])).toEqual([
    ['guest.crypttab-unresolved', 'data'],
  ]);
  expect(planCrypttab(content, ROOT).fixes).toEqual([]);
});

it('plans nothing where there is no such file', () => {
  expect(planCrypttab(undefined, ROOT)).toEqual({ fixes: [], findings: [] });
});

it.each<[string, string | undefined, RegExp[]]>([
  ['asks for it', 'root UUID=5F2A none luks,discard\n', [/asks for its passphrase at every start/]],
  ['asks for it where no file says how', undefined, [/asks for its passphrase/]],
  ['had it in a TPM', 'root UUID=5f2a - tpm2-device=auto\n', [/in the old machine's tpm2 device/]],
  ['brings its key along', '# root UUID=5f2a none\nroot UUID=5f2a /etc/keys/root.key luks\n', []],
])('tells of a passphrase that somebody must type: a machine that %s', (_name, text, expected) => {
  const layers = [
    { kind: 'volume' as const, device: '/dev/vg/root' },
    { kind: 'encrypted' as const, device: '/dev/mapper/luks-5f2a' },
  ];
  const root = {
    device: '/dev/vg/root',
    spec: '/dev/vg/root',
    uuids: new Map(),
    aliases: new Map(),
    layout: { type: 'ext4', subvolume: undefined, layers },
  };
  const findings = unlockFindings(text, root, 'x');
  expect(findings).toHaveLength(expected.length);
  expected.forEach((pattern, index) => expect(findings[index]?.message).toMatch(pattern));
});
