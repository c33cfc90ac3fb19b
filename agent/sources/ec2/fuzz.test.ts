import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AscendError } from '../../../proto/errors.ts';
import { Machine } from '../../../proto/gen/ascend/v1/machine.ts';
import { openDocument, type Document } from '../../documents/document.ts';
import type { Json } from '../../documents/json.ts';
import { described, image, instance, json, read, volume, xml } from './fixtures.ts';
import { ec2 } from './index.ts';

const good: Json = {
  ...(described(instance()) as Record<string, Json>),
  Volumes: [volume()],
  Snapshots: [{ SnapshotId: 'snap-1', VolumeId: 'vol-0a11ce0000000001', VolumeSize: 8 }],
  Images: [image()],
  InstanceTypes: [{ InstanceType: 'm6i.large', MemoryInfo: { SizeInMiB: 1024 } }],
  Subnets: [{ SubnetId: 'subnet-0a11ce0000000001', CidrBlock: '10.1.1.0/24' }],
};

/** Read as the analysis would; what comes out must fit the wire. */
function readHostile(document: Document): void {
  try {
    if (ec2.recognise(document)?.role === undefined) return;
    for (const { machine } of read(document).machines) {
      expect(() => Machine.encode(machine).finish()).not.toThrow();
      expect(new Set(machine.disks.map(({ id }) => id)).size).toBe(machine.disks.length);
      expect(new Set(machine.nics.map(({ id }) => id)).size).toBe(machine.nics.length);
    }
  } catch (thrown) {
    if (!(thrown instanceof AscendError)) throw thrown;
  }
}

it('takes any value in any place of an answer', () => {
  const places = placesOf(good);
  const strange = fc.oneof(
    fc.jsonValue() as fc.Arbitrary<Json>,
    fc.constantFrom<Json>(
      '',
      -1,
      2 ** 53,
      1e308,
      '18446744073709551616',
      '__proto__',
      'i-',
      'vol-',
      '\u202e',
    ),
    fc.constantFrom(...places.map((place) => valueAt(good, place))),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...places), strange), { maxLength: 6 }), (changes) => {
      const changed = changes.reduce<Json>((value, [place, put]) => withValue(value, place, put), good);
      readHostile(json('a.json', changed));
    }),
    { numRuns: 800 },
  );
});

it('takes any bytes, and any damage to a good file', () => {
  const text = JSON.stringify(good);
  const query = `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item>
    <instanceId>i-1</instanceId><imageId>ami-1</imageId><rootDeviceName>/dev/sda1</rootDeviceName><blockDeviceMapping><item>
    <deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-1</volumeId></ebs></item></blockDeviceMapping></item></instancesSet>
    </item></reservationSet></DescribeInstancesResponse>`;
  fc.assert(
    fc.property(
      fc.constantFrom(text, query),
      fc.nat(),
      fc.nat(40),
      fc.string({ maxLength: 40 }),
      (from, at, gone, put) => {
        const start = at % from.length;
        readHostile(xml('a.xml', from.slice(0, start) + put + from.slice(start + gone)));
      },
    ),
    { numRuns: 700 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
      readHostile(openDocument('a', Buffer.from(bytes))),
    ),
    { numRuns: 300 },
  );
});

type Place = readonly (string | number)[];

function placesOf(value: Json, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [at, ...members.flatMap(([key, member]) => placesOf(member, [...at, key]))];
}

function valueAt(value: Json, place: Place): Json {
  return place.reduce<Json>((at, key) => (at as Record<string | number, Json>)[key] ?? null, value);
}

function withValue(value: Json, [key, ...rest]: Place, put: Json): Json {
  if (key === undefined) return put;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((member, index) => (index === key ? withValue(member, rest, put) : member));
  }
  return { ...value, [key]: withValue(value[String(key)] ?? null, rest, put) };
}
