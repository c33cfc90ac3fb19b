/** What a file of EC2 is, and the entries in it: judged by the shape of the entries, since files are named by people. */
import type { JsonNode } from '../../documents/json.ts';
import type { Document } from '../../documents/document.ts';
import type { Recognition } from '../source.ts';
import { JsonAnswer, XmlAnswer, type Answer } from './answer.ts';

export type EntryKind =
  'instance' | 'image' | 'volume' | 'snapshot' | 'type' | 'nic' | 'subnet' | 'attribute' | 'reservation';

export interface Contents extends Recognition {
  entries: readonly [kind: EntryKind, entry: Answer][];
}

/** In this order: an instance also has an image's id, a volume a snapshot's. */
const SHAPES: readonly [kind: EntryKind, is: (entry: Answer) => boolean][] = [
  ['reservation', (entry) => entry.get('Instances').items().length > 0],
  [
    'instance',
    (entry) =>
      hasId(entry, 'InstanceId', 'i-') &&
      ['ImageId', 'InstanceType', 'RootDeviceName'].some((name) => entry.get(name).text() !== undefined),
  ],
  ['attribute', (entry) => hasId(entry, 'InstanceId', 'i-') && ATTRIBUTES.some((name) => isSet(entry, name))],
  ['nic', (entry) => hasId(entry, 'NetworkInterfaceId', 'eni-') && isSet(entry, 'MacAddress', 'Attachment')],
  ['snapshot', (entry) => hasId(entry, 'SnapshotId', 'snap-') && isSet(entry, 'VolumeSize')],
  ['volume', (entry) => hasId(entry, 'VolumeId', 'vol-') && isSet(entry, 'Size')],
  [
    'image',
    (entry) =>
      hasId(entry, 'ImageId', 'ami-') && isSet(entry, 'ImageLocation', 'VirtualizationType', 'ImageType'),
  ],
  ['type', (entry) => isSet(entry, 'InstanceType') && isSet(entry, 'VCpuInfo', 'MemoryInfo')],
  ['subnet', (entry) => hasId(entry, 'SubnetId', 'subnet-') && isSet(entry, 'CidrBlock')],
];

/** Members of DescribeInstanceAttribute; each is an object with a Value. */
const ATTRIBUTES = [
  'BlockDeviceMappings',
  'DisableApiTermination',
  'EbsOptimized',
  'EnaSupport',
  'InstanceInitiatedShutdownBehavior',
  'InstanceType',
  'KernelId',
  'RamdiskId',
  'RootDeviceName',
  'SourceDestCheck',
  'SriovNetSupport',
  'UserData',
];

const LISTS = [
  'Reservations',
  'Instances',
  'Images',
  'Volumes',
  'Snapshots',
  'InstanceTypes',
  'NetworkInterfaces',
  'Subnets',
];

const WHAT: Record<EntryKind, string> = {
  reservation: 'EC2 instances (DescribeInstances)',
  instance: 'EC2 instances (DescribeInstances)',
  attribute: 'an attribute of an EC2 instance (DescribeInstanceAttribute)',
  nic: 'EC2 network interfaces (DescribeNetworkInterfaces)',
  snapshot: 'EC2 snapshots (DescribeSnapshots)',
  volume: 'EC2 volumes (DescribeVolumes)',
  image: 'EC2 images (DescribeImages)',
  type: 'EC2 instance types (DescribeInstanceTypes)',
  subnet: 'EC2 subnets (DescribeSubnets)',
};

/** What is EC2's and never a machine, by the member that gives it away. */
const OTHERS: readonly [member: string, what: string][] = [
  ['ImportImageTasks', 'EC2 image import tasks (DescribeImportImageTasks)'],
  ['ImportSnapshotTasks', 'EC2 snapshot import tasks (DescribeImportSnapshotTasks)'],
  ['ImportTaskId', 'an EC2 import task (ImportImage or ImportSnapshot)'],
  ['ExportImageTasks', 'EC2 image export tasks (DescribeExportImageTasks)'],
  ['ExportTasks', 'EC2 instance export tasks (DescribeExportTasks)'],
  ['ConversionTasks', 'EC2 conversion tasks (DescribeConversionTasks)'],
  ['LaunchTemplates', 'EC2 launch templates (DescribeLaunchTemplates)'],
  ['LaunchTemplateVersions', 'EC2 launch templates (DescribeLaunchTemplateVersions)'],
  ['LaunchTemplateData', 'an EC2 launch template'],
  ['InstanceStatuses', 'states of EC2 instances (DescribeInstanceStatus)'],
];

/** A file is asked what it is, and is read afterwards. */
const known = new WeakMap<Document, { contents: Contents | undefined }>();

/** Undefined where the file is none of EC2's. */
export function contentsOf(document: Document): Contents | undefined {
  const seen = known.get(document) ?? { contents: judge(document) };
  known.set(document, seen);
  return seen.contents;
}

function judge({ path, body }: Document): Contents | undefined {
  if (body.kind === 'json') return contentsOfJson(new JsonAnswer(unwrapped(body.root), path));
  return body.kind === 'xml' ? contentsOfXml(body.roots, path) : undefined;
}

/** Recordings of boto3 (placebo) put the answer beside its HTTP status. */
function unwrapped(root: JsonNode): JsonNode {
  return root.has('status_code') && root.has('data') ? root.get('data') : root;
}

function contentsOfJson(root: JsonAnswer): Contents | undefined {
  const entries = entriesOf(root);
  if (entries.length > 0) return describe(entries);
  const other = OTHERS.find(([member]) => root.get(member).exists);
  if (other) return { what: other[1], role: 'other', entries: [] };
  const members = root.node.members().map(([name]) => name);
  const empty = members.find((name) => LISTS.includes(name) && Array.isArray(root.node.get(name).value));
  const paging = [empty, 'NextToken', 'ResponseMetadata'];
  return empty !== undefined &&
    members.every((name) => paging.includes(name)) &&
    root.get(empty).items().length === 0
    ? { what: `an empty answer of EC2 (no ${empty})`, role: 'other', entries: [] }
    : undefined;
}

function entriesOf(root: JsonAnswer): Contents['entries'] {
  const kind = kindOf(root);
  if (kind !== undefined && kind !== 'reservation') return [[kind, root]];
  const lists = LISTS.map((name) => root.get(name).items());
  // `--query Reservations[].Instances` leaves lists in a list.
  const loose = root.items().flatMap((item) => (Array.isArray(item.node.value) ? item.items() : [item]));
  return [...lists, loose, typesByName(root)].flatMap(classified);
}

/** Types by their names, as moto keeps them. */
function typesByName({ node, file }: JsonAnswer): JsonAnswer[] {
  const members = node.members();
  const isType = ([name, member]: (typeof members)[number]) => member.get('InstanceType').value === name;
  return members.slice(0, 1).some(isType)
    ? members.filter(isType).map(([, member]) => new JsonAnswer(member, file))
    : [];
}

function contentsOfXml(
  roots: Extract<Document['body'], { kind: 'xml' }>['roots'],
  path: string,
): Contents | undefined {
  const answers = roots.map((root) => new XmlAnswer(root, path));
  const entries = answers.flatMap((root) => LISTS.flatMap((name) => classified(root.get(name).items())));
  if (entries.length > 0) return describe(entries);
  const root = roots.find(({ uri }) => uri.startsWith('http://ec2.amazonaws.com/doc/'));
  const single = answers.filter((answer) => kindOf(answer) === 'attribute');
  if (single.length > 0) return describe(classified(single));
  return root && { what: `an answer of EC2 (${root.name}) without instances`, role: 'other', entries: [] };
}

/** A list is known by its first entries: a long one of others must not cost more. */
function classified(items: readonly Answer[]): [EntryKind, Answer][] {
  if (items.slice(0, 20).every((item) => kindOf(item) === undefined)) return [];
  return items.flatMap((item): [EntryKind, Answer][] => {
    const kind = kindOf(item);
    if (kind === undefined) return [];
    return kind === 'reservation' ? classified(item.get('Instances').items()) : [[kind, item]];
  });
}

function kindOf(entry: Answer): EntryKind | undefined {
  return SHAPES.find(([, is]) => is(entry))?.[0];
}

function describe(entries: Contents['entries']): Contents {
  const kinds = new Set(entries.map(([kind]) => kind));
  const what = [...new Set([...kinds].map((kind) => WHAT[kind]))].join(', ');
  return { what, role: kinds.has('instance') ? 'machine' : 'part', entries };
}

function hasId(entry: Answer, name: string, prefix: string): boolean {
  return entry.get(name).text()?.startsWith(prefix) ?? false;
}

function isSet(entry: Answer, ...names: string[]): boolean {
  return names.some((name) => entry.get(name).exists);
}
