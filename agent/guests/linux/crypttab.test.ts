import { expect, it } from 'vitest';
import { planCrypttab } from './crypttab.ts';

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
