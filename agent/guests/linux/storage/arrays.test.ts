import { expect, it } from 'vitest';
import { configuredArrays, namesOfArray } from './arrays.ts';

const of = (name: string | undefined) => namesOfArray({ uuid: 'a', level: 'raid1', name });

it('calls an array as it was called when it was made', () => {
  expect(of('0')).toEqual(['/dev/md0', '/dev/md/0']);
  expect(of('root')).toEqual(['/dev/md/root']);
  expect(of('../sda')).toEqual([]);
  expect(of(undefined)).toEqual([]);
});

it('reads what the guest calls its arrays, in the forms of mdadm.conf', () => {
  const text = [
    '# ARRAY /dev/md9 UUID=99999999:99999999:99999999:99999999',
    'HOMEHOST <system>',
    'ARRAY /dev/md/0  metadata=1.2 UUID=5B1E9A70:3f2c4d86:a2f71b08:e6d3c941 name=raid01:0',
    'array md127 level=raid1 num-devices=2 uuid=9c70d2e4:17a34f58:b1e690d3:a7c5f242',
    'ARRAY /dev/md/boot UUID=00000000:00000000:00000000:00000001',
    'ARRAY <ignore> UUID=00000000:00000000:00000000:00000002',
    'ARRAY /dev/md7 devices=/dev/sda,/dev/sdb',
  ].join('\n');
  expect([...configuredArrays(text)]).toEqual([
    ['/dev/md/0', '5b1e9a703f2c4d86a2f71b08e6d3c941'],
    ['/dev/md0', '5b1e9a703f2c4d86a2f71b08e6d3c941'],
    ['/dev/md127', '9c70d2e417a34f58b1e690d3a7c5f242'],
    ['/dev/md/127', '9c70d2e417a34f58b1e690d3a7c5f242'],
    ['/dev/md/boot', '00000000000000000000000000000001'],
  ]);
});
