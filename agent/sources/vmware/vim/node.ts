/**
 * A value of the vSphere API (vim25), as JSON or as XML. JSON writers differ in how they call an object's type
 * (govmomi and VI JSON `_typeName`, pyVmomi `_vimtype`, converters of XML `@xsi:type`) and in its place; old govmomi
 * wrote no types, and names with capitals.
 */
import type { Body } from '../../../documents/document.ts';
import { JsonNode } from '../../../documents/json.ts';
import type { XmlElement } from '../../../documents/xml.ts';

export interface VimNode {
  readonly where: string;
  readonly exists: boolean;
  /** Whether it has a property of that name; cheaper than to get it. */
  has(name: string): boolean;
  /** The last part of its type's name: `VirtualDisk`; undefined where the file does not say. */
  readonly type: string | undefined;
  /** The property of that name; names in a row go deeper. */
  get(...names: string[]): VimNode;
  /** Elements of a property that is a list. */
  list(name: string): VimNode[];
  /** The objects and lists directly below, for a search; one at a time, as a hostile file has millions. */
  below(): Iterable<VimNode>;
  text(): string | undefined;
  whole(): bigint | undefined;
  flag(): boolean | undefined;
}

/** The roots of a document; none where it is neither JSON nor XML. */
export function vimNodes(body: Body): VimNode[] {
  if (body.kind === 'json') return [new JsonVim(body.root)];
  return body.kind === 'xml' ? body.roots.map((root) => new XmlVim([root], root.where)) : [];
}

/** A number that fits the wire's 32 bits; undefined for anything else. */
export function smallNumber(node: VimNode): number | undefined {
  const whole = node.whole();
  return whole !== undefined && whole < 2n ** 31n ? Number(whole) : undefined;
}

const TYPE_NAMES = ['_typeName', '_vimtype', '@xsi:type', 'xsi:type', '-xsi:type', '$type', '@type'];

class JsonVim implements VimNode {
  readonly #node: JsonNode;

  constructor(node: JsonNode) {
    // VI JSON wraps lists and plain values that need a type: {"_typeName": "ArrayOfVirtualDevice", "_value": [...]}.
    this.#node = node.has('_value') ? node.get('_value') : node;
  }

  get where(): string {
    return this.#node.where;
  }

  get exists(): boolean {
    return this.#node.exists;
  }

  has(name: string): boolean {
    return this.#node.has(name) || this.#node.has(capitalised(name));
  }

  get type(): string | undefined {
    return lastPart(this.#node.first(...TYPE_NAMES).text());
  }

  get(...names: string[]): VimNode {
    return new JsonVim(names.reduce((node, name) => new JsonVim(property(node, name)).#node, this.#node));
  }

  list(name: string): VimNode[] {
    const node = new JsonVim(property(this.#node, name)).#node;
    // A converter of XML writes a list of one as that one.
    const items = Array.isArray(node.value) ? node.items() : node.exists ? [node] : [];
    return items.map((item) => new JsonVim(item));
  }

  *below(): Generator<VimNode> {
    const { value, where } = this.#node;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (isObject(item)) yield new JsonVim(new JsonNode(item, `${where}[${index}]`));
      }
    } else if (isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (isObject(member)) yield new JsonVim(this.#node.get(name));
      }
    }
  }

  text(): string | undefined {
    return this.#node.text();
  }

  whole(): bigint | undefined {
    return this.#node.whole();
  }

  flag(): boolean | undefined {
    return this.#node.flag();
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** `numCPU`, or as the old govmomi has it, `NumCPU`. */
function property(node: JsonNode, name: string): JsonNode {
  return node.first(name, capitalised(name));
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** A property is all the elements of its name: a list where there are several. */
class XmlVim implements VimNode {
  readonly where: string;
  readonly #elements: readonly XmlElement[];

  constructor(elements: readonly XmlElement[], where: string) {
    this.#elements = elements;
    this.where = where;
  }

  get exists(): boolean {
    return this.#elements.length > 0;
  }

  has(name: string): boolean {
    return this.#elements[0]?.child(name) !== undefined;
  }

  get type(): string | undefined {
    const element = this.#elements[0];
    const stated = element?.attribute('xsi:type') ?? element?.attribute('type');
    return lastPart(stated);
  }

  get(...names: string[]): VimNode {
    const element = names.slice(0, -1).reduce((from, name) => from?.child(name), this.#elements[0]);
    const found = element?.childrenNamed(names.at(-1) ?? '') ?? [];
    return new XmlVim(found, found[0]?.where ?? `${this.where}/${names.join('/')}`);
  }

  list(name: string): VimNode[] {
    const found = this.#elements[0]?.childrenNamed(name) ?? [];
    return found.map((element) => new XmlVim([element], element.where));
  }

  *below(): Generator<VimNode> {
    for (const element of this.#elements[0]?.children ?? []) yield new XmlVim([element], element.where);
  }

  text(): string | undefined {
    const text = this.#elements[0]?.text;
    return text === '' ? undefined : text;
  }

  whole(): bigint | undefined {
    const text = this.text();
    return text !== undefined && /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  }

  flag(): boolean | undefined {
    const text = this.text();
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
  }
}

/** `vim.vm.device.VirtualDisk` and `vim25:VirtualDisk` are VirtualDisk. */
function lastPart(name: string | undefined): string | undefined {
  return name?.slice(0, 255).split(/[.:]/).at(-1);
}
