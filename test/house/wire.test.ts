/** The wire of the last release still works with this one. After a release: `cp proto/gen/ascend.binpb proto/released.binpb`. */
import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import {
  EnumValueDescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorSet,
  type MethodDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { decodeWire, incompatibilities, wireOf } from './wire.ts';

const read = (file: string) => decodeWire(readFileSync(new URL(`../../proto/${file}`, import.meta.url)));
const released = read('released.binpb');

it('this wire is compatible with the released one', () => {
  expect(wireOf(released).size).toBeGreaterThan(200);
  expect(incompatibilities(released, read('gen/ascend.binpb'))).toEqual([]);
});

it('a wire is compatible with itself, and with one that has more', () => {
  const more = read('released.binpb');
  message(more, 'RunEvent').field.push(
    create(FieldDescriptorProtoSchema, { name: 'new', number: 99, type: Type.STRING, label: Label.OPTIONAL }),
  );
  enumOf(more, 'Severity').value.push(create(EnumValueDescriptorProtoSchema, { name: 'NEW', number: 99 }));
  expect(incompatibilities(released, read('released.binpb'))).toEqual([]);
  expect(incompatibilities(released, more)).toEqual([]);
});

it.each<[what: string, change: (wire: FileDescriptorSet) => void, said: string[]]>([
  [
    'a field that is removed',
    (wire) => remove(message(wire, 'RunProgress').field, 'activity'),
    ['ascend.v1.RunProgress#3 is gone'],
  ],
  [
    'a field with another number',
    (wire) => (field(wire, 'RunProgress', 'activity').number = 33),
    ['ascend.v1.RunProgress#3 is gone'],
  ],
  [
    'a number that means something else',
    (wire) => (field(wire, 'RunProgress', 'activity').name = 'reason'),
    ['ascend.v1.RunProgress#3 was activity, string, is reason, string'],
  ],
  [
    'a field of another type',
    (wire) => (field(wire, 'RunProgress', 'done_bytes').type = Type.SINT64),
    ['ascend.v1.RunProgress#4 was done_bytes, uint64, is done_bytes, sint64'],
  ],
  [
    'a field of another message type',
    (wire) => (field(wire, 'RunFinished', 'machine').typeName = '.ascend.v1.Machine'),
    ['ascend.v1.RunFinished#2 was machine, .ascend.v1.DeployedMachine, is machine, .ascend.v1.Machine'],
  ],
  [
    'a field that becomes a list',
    (wire) => (field(wire, 'RunProgress', 'activity').label = Label.REPEATED),
    ['ascend.v1.RunProgress#3 was activity, string, is activity, repeated string'],
  ],
  [
    'a field that may no longer be absent',
    (wire) => (field(wire, 'RunProgress', 'seconds_left').proto3Optional = false),
    [
      'ascend.v1.RunProgress#7 was seconds_left, optional uint32, is seconds_left, in oneof _seconds_left: uint32',
    ],
  ],
  [
    'a field that moves into a oneof',
    (wire) => (field(wire, 'RunEvent', 'run_id').oneofIndex = 0),
    ['ascend.v1.RunEvent#1 was run_id, string, is run_id, in oneof body: string'],
  ],
  [
    'a message that is removed',
    (wire) => wire.file.forEach(({ messageType }) => remove(messageType, 'DeployedMachine')),
    [
      'ascend.v1.DeployedMachine is gone',
      'ascend.v1.DeployedMachine#1 is gone',
      'ascend.v1.DeployedMachine#2 is gone',
      'ascend.v1.DeployedMachine#3 is gone',
      'ascend.v1.DeployedMachine#4 is gone',
    ],
  ],
  [
    'an enum value that is removed',
    (wire) => void enumOf(wire, 'RunOutcome').value.pop(),
    ['ascend.v1.RunOutcome#4 is gone'],
  ],
  [
    'an enum value with another number',
    (wire) =>
      enumOf(wire, 'RunOutcome').value.forEach((value) => (value.number += value.number === 4 ? 1 : 0)),
    ['ascend.v1.RunOutcome#4 is gone'],
  ],
  [
    'an rpc that is removed',
    (wire) => wire.file.forEach(({ service }) => service.forEach((own) => remove(own.method, 'Session'))),
    ['ascend.v1.Link/Session is gone'],
  ],
  [
    'an rpc that no longer streams',
    (wire) => (rpc(wire, 'Session').serverStreaming = false),
    [
      'ascend.v1.Link/Session was stream .ascend.v1.AgentMessage -> stream .ascend.v1.ControllerMessage, is stream .ascend.v1.AgentMessage -> .ascend.v1.ControllerMessage',
    ],
  ],
])('refuses %s', (_what, change, said) => {
  const changed = read('released.binpb');
  change(changed);
  expect(incompatibilities(released, changed)).toEqual(said);
});

it('refuses another package', () => {
  const moved = read('released.binpb');
  for (const file of moved.file) file.package = 'ascend.v2';
  expect(incompatibilities(released, moved)).toHaveLength(wireOf(released).size);
});

function message(wire: FileDescriptorSet, name: string): DescriptorProto {
  return found(
    wire.file.flatMap(({ messageType }) => messageType),
    name,
  );
}

function enumOf(wire: FileDescriptorSet, name: string): EnumDescriptorProto {
  return found(
    wire.file.flatMap(({ enumType }) => enumType),
    name,
  );
}

function field(wire: FileDescriptorSet, owner: string, name: string): FieldDescriptorProto {
  return found(message(wire, owner).field, name);
}

function rpc(wire: FileDescriptorSet, name: string): MethodDescriptorProto {
  return found(
    wire.file.flatMap(({ service }) => service.flatMap(({ method }) => method)),
    name,
  );
}

function found<T extends { name: string }>(all: readonly T[], name: string): T {
  const one = all.find((candidate) => candidate.name === name);
  if (one) return one;
  throw new Error(`no ${name}`);
}

function remove(all: { name: string }[], name: string): void {
  const index = all.findIndex((candidate) => candidate.name === name);
  if (index >= 0) all.splice(index, 1);
}
