/**
 * What a release may not do to the wire: agents and controllers of neighbouring releases talk to each other, so
 * whatever was released keeps its number, its type and its place. Adding is free.
 * Source: protobuf.dev/programming-guides/proto3, "Updating A Message Type".
 */
import { fromBinary, isFieldSet } from '@bufbuild/protobuf';
import {
  FieldDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorSetSchema,
  type DescriptorProto,
  type EnumDescriptorProto,
  type FieldDescriptorProto,
  type FileDescriptorSet,
  type ServiceDescriptorProto,
} from '@bufbuild/protobuf/wkt';

/** Everything on the wire by its full name, with what must stay as it is. */
export type Wire = ReadonlyMap<string, string>;

export function decodeWire(bytes: Uint8Array): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, bytes);
}

export function wireOf({ file }: FileDescriptorSet): Wire {
  const wire = new Map<string, string>();
  for (const { package: name, messageType, enumType, service } of file) {
    for (const message of messageType) addMessage(wire, name, message);
    for (const values of enumType) addEnum(wire, name, values);
    for (const rpcs of service) addService(wire, name, rpcs);
  }
  return wire;
}

/** What of the released wire is gone or different, a line each; empty where the two get on. */
export function incompatibilities(released: FileDescriptorSet, current: FileDescriptorSet): string[] {
  const now = wireOf(current);
  return [...wireOf(released)].flatMap(([name, shape]) => {
    const shapeNow = now.get(name);
    if (shapeNow === shape) return [];
    return [shapeNow === undefined ? `${name} is gone` : `${name} was ${shape}, is ${shapeNow}`];
  });
}

function addMessage(wire: Map<string, string>, scope: string, message: DescriptorProto): void {
  const name = `${scope}.${message.name}`;
  wire.set(name, 'a message');
  // By number, with the name: a number that is used for something else often keeps its type.
  for (const field of message.field) wire.set(`${name}#${field.number}`, fieldShape(field, message));
  for (const nested of message.nestedType) addMessage(wire, name, nested);
  for (const values of message.enumType) addEnum(wire, name, values);
}

function fieldShape(field: FieldDescriptorProto, { oneofDecl }: DescriptorProto): string {
  const type = field.typeName || Type[field.type].toLowerCase();
  return `${field.name}, ${placeOf(field, oneofDecl)}${type}`;
}

function placeOf(field: FieldDescriptorProto, oneofs: DescriptorProto['oneofDecl']): string {
  if (field.label === Label.REPEATED) return 'repeated ';
  // An optional field lies in a oneof of its own, which the compiler makes up.
  if (field.proto3Optional) return 'optional ';
  return isFieldSet(field, FieldDescriptorProtoSchema.field.oneofIndex)
    ? `in oneof ${oneofs[field.oneofIndex]?.name}: `
    : '';
}

function addEnum(wire: Map<string, string>, scope: string, values: EnumDescriptorProto): void {
  const name = `${scope}.${values.name}`;
  wire.set(name, 'an enum');
  for (const { number, name: value } of values.value) wire.set(`${name}#${number}`, value);
}

function addService(wire: Map<string, string>, scope: string, service: ServiceDescriptorProto): void {
  const name = `${scope}.${service.name}`;
  wire.set(name, 'a service');
  for (const { name: rpc, inputType, outputType, clientStreaming, serverStreaming } of service.method) {
    const stream = (streaming: boolean) => (streaming ? 'stream ' : '');
    const shape = `${stream(clientStreaming)}${inputType} -> ${stream(serverStreaming)}${outputType}`;
    wire.set(`${name}/${rpc}`, shape);
  }
}
