/** One view of what EC2 answers, however it was written down: JSON of the CLI and the SDKs, or XML of the Query API. */
import type { JsonNode } from '../../documents/json.ts';
import type { XmlElement } from '../../documents/xml.ts';

export interface Place {
  /** Relative to the backup's folder. */
  readonly file: string;
  readonly where: string;
}

/**
 * A value of an answer and its place. Members are asked for by their names in the EC2 API reference (`BlockDeviceMappings`);
 * what is not there can be asked further and is empty.
 */
export interface Answer extends Place {
  readonly exists: boolean;
  /** Names in a row go deeper. */
  get(...names: string[]): Answer;
  items(): Answer[];
  /** Undefined for "" too. */
  text(): string | undefined;
  /** Zero and up. */
  whole(): bigint | undefined;
  flag(): boolean | undefined;
}

export class JsonAnswer implements Answer {
  readonly file: string;
  readonly node: JsonNode;

  constructor(node: JsonNode, file: string) {
    this.node = node;
    this.file = file;
  }

  get where(): string {
    return this.node.where;
  }

  get exists(): boolean {
    return this.node.exists;
  }

  get(...names: string[]): JsonAnswer {
    // The CLI, boto3 and most SDKs write the names as they are; Java writes them in camel case.
    const found = names.reduce((node, name) => node.first(name, camelCase(name)), this.node);
    return new JsonAnswer(found, this.file);
  }

  items(): JsonAnswer[] {
    return this.node.items().map((item) => new JsonAnswer(item, this.file));
  }

  text(): string | undefined {
    return this.node.text();
  }

  whole(): bigint | undefined {
    return this.node.whole();
  }

  flag(): boolean | undefined {
    return this.node.flag();
  }
}

/** Names in XML that are more than the camel case of those in the reference ("locationName" of the API's own model). */
const XML_NAMES = new Map([
  ['Reservations', 'reservationSet'],
  ['Instances', 'instancesSet'],
  ['Images', 'imagesSet'],
  ['Volumes', 'volumeSet'],
  ['Snapshots', 'snapshotSet'],
  ['InstanceTypes', 'instanceTypeSet'],
  ['NetworkInterfaces', 'networkInterfaceSet'],
  ['Subnets', 'subnetSet'],
  ['BlockDeviceMappings', 'blockDeviceMapping'],
  ['Attachments', 'attachmentSet'],
  ['PrivateIpAddresses', 'privateIpAddressesSet'],
  ['Ipv6Addresses', 'ipv6AddressesSet'],
  ['State', 'instanceState'],
  ['Tags', 'tagSet'],
]);

export class XmlAnswer implements Answer {
  readonly file: string;
  readonly where: string;
  readonly #element: XmlElement | undefined;

  constructor(element: XmlElement | undefined, file: string, where = element?.where ?? '') {
    this.#element = element;
    this.file = file;
    this.where = where;
  }

  get exists(): boolean {
    return this.#element !== undefined && (this.#element.children.length > 0 || this.#element.text !== '');
  }

  get(...names: string[]): XmlAnswer {
    const steps = names.map((name) => XML_NAMES.get(name) ?? camelCase(name));
    const found = this.#element?.child(...steps);
    return new XmlAnswer(found, this.file, found?.where ?? [this.where, ...steps].join('/'));
  }

  items(): XmlAnswer[] {
    return (this.#element?.childrenNamed('item') ?? []).map((item) => new XmlAnswer(item, this.file));
  }

  text(): string | undefined {
    return this.#element?.text || undefined;
  }

  whole(): bigint | undefined {
    const text = this.text();
    return text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  }

  flag(): boolean | undefined {
    const text = this.text()?.toLowerCase();
    if (text === 'true') return true;
    return text === 'false' ? false : undefined;
  }
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
