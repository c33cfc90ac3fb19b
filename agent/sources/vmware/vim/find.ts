/** Where in a document of the vSphere API the configurations of virtual machines are. */
import type { Document } from '../../../documents/document.ts';
import type { Recognition } from '../../source.ts';
import { vimNodes, type VimNode } from './node.ts';

export interface FoundMachine {
  config: VimNode;
  /** What VMware Tools reported (GuestInfo); its `exists` is false where the document has none. */
  guest: VimNode;
}

interface Step {
  node: VimNode;
  above: Step | undefined;
}

interface Level {
  rest: Iterator<VimNode, unknown>;
  above: Step | undefined;
}

// A list of a thousand machines with all their properties has some 500,000 objects.
const MAX_OBJECTS = 2_000_000;

/**
 * VirtualMachineConfigInfo objects, however deep: on their own, in a VirtualMachine, in lists of those, in answers of
 * the property collector. Those of snapshots are left out.
 */
export function findMachines(document: Document): readonly FoundMachine[] {
  const known = searched.get(document);
  if (known) return known;
  const found = mayHoldMachines(document) ? [...search(vimNodes(document.body))] : [];
  searched.set(document, found);
  return found;
}

// A document is recognised, then read: one search serves both.
const searched = new WeakMap<Document, readonly FoundMachine[]>();

/** With a stack of its own, as deep as the document is. */
function* search(roots: readonly VimNode[]): Generator<FoundMachine> {
  const open: Level[] = [{ rest: roots[Symbol.iterator](), above: undefined }];
  for (let seen = 0; seen < MAX_OBJECTS; seen++) {
    const level = open.at(-1);
    if (!level) return;
    const next = level.rest.next();
    if (next.done) open.pop();
    else {
      const node = next.value;
      const step = { node, above: level.above };
      if (isConfig(node)) yield { config: node, guest: guestBeside(step) };
      else if (!isSnapshot(node)) open.push({ rest: node.below()[Symbol.iterator](), above: step });
    }
  }
}

export function recogniseVim(document: Document): Recognition | undefined {
  if (findMachines(document).length > 0) return { what: 'a VM of the vSphere API (vim25)', role: 'machine' };
  const type = vimTypeOf(document);
  return type === undefined
    ? undefined
    : { what: `an object of the vSphere API (${type}) without the configuration of a VM`, role: 'other' };
}

/** Cheap: walks only documents that have the words. */
function mayHoldMachines({ body, content }: Document): boolean {
  if (body.kind !== 'json' && body.kind !== 'xml') return false;
  const text = (word: string) => content.includes(word) || content.includes(word, 0, 'utf16le');
  return (text('hardware') || text('Hardware')) && (text('numCPU') || text('NumCPU'));
}

function isConfig(node: VimNode): boolean {
  if (!node.has('hardware')) return false;
  const hardware = node.get('hardware');
  return hardware.get('numCPU').exists && (hardware.get('device').exists || hardware.get('memoryMB').exists);
}

/** The tree of snapshots, and a snapshot in an answer of the property collector. */
function isSnapshot(node: VimNode): boolean {
  if (node.type?.startsWith('VirtualMachineSnapshot')) return true;
  const object = node.has('obj') ? node.get('obj') : NOTHING;
  return [object.type, object.get('type').text()].some((type) => type?.startsWith('VirtualMachineSnapshot'));
}

/** Beside `config` in a VirtualMachine; in an answer of the property collector, the property of that name. */
function guestBeside({ above }: Step): VimNode {
  const own = above?.node.get('guest');
  if (own?.exists) return own;
  for (let step = above; step; step = step.above) {
    const properties = step.node.list('propSet');
    const guest = properties.find((property) => property.get('name').text() === 'guest');
    if (guest) return guest.get('val');
    if (properties.length > 0) break;
  }
  return NOTHING;
}

const NOTHING: VimNode = {
  where: '',
  exists: false,
  has: () => false,
  type: undefined,
  get: () => NOTHING,
  list: () => [],
  below: () => [],
  text: () => undefined,
  whole: () => undefined,
  flag: () => undefined,
};

/** Only types that say themselves that they are vSphere's: `_vimtype`, or XML of its namespace. */
function vimTypeOf({ body }: Document): string | undefined {
  if (body.kind === 'json') {
    const root = Array.isArray(body.root.value) ? body.root.items()[0] : body.root;
    return root?.first('_vimtype', '_typeName').text()?.slice(0, 100);
  }
  if (body.kind !== 'xml') return undefined;
  const soap = body.roots[0]?.child('Body')?.children[0];
  return soap?.uri.startsWith('urn:vim25') ? soap.name.slice(0, 100) : undefined;
}
