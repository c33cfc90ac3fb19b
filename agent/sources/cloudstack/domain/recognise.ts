/** libvirt's XML files: which of them describe machines. */
import type { Document } from '../../../documents/document.ts';
import type { XmlElement } from '../../../documents/xml.ts';
import type { Recognition } from '../../source.ts';
import { isCloudStacks, systemRoleOf } from './origin.ts';

/** The domains that a file describes, those of CloudStack's own VMs included. */
export function domainsOf({ body }: Document): XmlElement[] {
  if (body.kind !== 'xml') return [];
  return body.roots.flatMap((root) => {
    if (isDomain(root)) return [root];
    // <node>: the state of libvirt's test driver; <domstatus>: a running domain in /run/libvirt.
    return ['node', 'domstatus'].includes(root.name) ? root.childrenNamed('domain').filter(isDomain) : [];
  });
}

function isDomain({ name, uri, children }: XmlElement): boolean {
  return name === 'domain' && uri === '' && children.some((child) => HARDWARE.has(child.name));
}

const HARDWARE = new Set(['devices', 'memory', 'vcpu', 'os']);

export function recogniseDomain(document: Document): Recognition | undefined {
  const domains = domainsOf(document);
  const [first] = domains;
  if (first === undefined) return recogniseOther(document);
  const roles = domains.map(systemRoleOf);
  if (roles[0] !== undefined && roles.every((role) => role !== undefined)) {
    return {
      what: `a CloudStack system VM (${roles[0]}), which CloudStack makes anew by itself`,
      role: 'other',
    };
  }
  const origin = domains.some(isCloudStacks) ? 'CloudStack KVM' : 'libvirt';
  const what = domains.length === 1 ? `a ${origin} domain XML` : `${domains.length} ${origin} domain XMLs`;
  return { what, role: 'machine' };
}

/** By the name of the root element. Source: libvirt's XML formats. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ['domainsnapshot', "a snapshot's description of libvirt"],
  ['domainbackup', 'an order to libvirt to take a backup'],
  ['domaincheckpoint', "a checkpoint's description of libvirt"],
  ['network', 'a network of libvirt'],
  ['pool', 'a storage pool of libvirt'],
  ['volume', 'a storage volume of libvirt'],
  ['nwfilter', 'a network filter of libvirt'],
  ['capabilities', "a host's capabilities of libvirt"],
  ['domainCapabilities', "a host's capabilities of libvirt"],
]);

const TELLING = new Set(['name', 'host', 'disks', 'path']);

function recogniseOther({ body }: Document): Recognition | undefined {
  if (body.kind !== 'xml') return undefined;
  const root = body.roots.find(({ name, uri }) => uri === '' && OTHERS.has(name));
  const what = OTHERS.get(root?.name ?? '');
  const telling = root?.children.some(({ name, uri }) => uri === '' && TELLING.has(name)) === true;
  return what !== undefined && telling ? { what, role: 'other' } : undefined;
}
