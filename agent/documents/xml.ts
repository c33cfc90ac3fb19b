/**
 * XML as a hostile stranger wrote it. The parser knows the five entities of XML and no others, opens nothing, and a
 * document type declaration is refused: so there is no expansion, no external reference and no billion laughs.
 */
import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import { AscendError } from '../../proto/errors.ts';
import { Allowance } from './allowance.ts';

// An OVF of a hundred disks has some 3,000 elements, ten deep. 200,000 took 300 MB.
const MAX_ELEMENTS = 60_000;
const MAX_DEPTH = 100;
// An element takes as much memory as three values of JSON, with what it knows of its place.
const UNITS_OF_ELEMENT = 3;
// The envelope of an OVF has twenty, most of them namespaces.
const MAX_ATTRIBUTES = 1000;

export class XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** The namespace, or "". */
  readonly uri: string;
  /** By local name; where two namespaces use one name, both are there by their written names as well. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[] = [];
  /** e.g. `domain/devices/disk[2]/target`, counted from 1 among its like; for people and for `--explain`. */
  readonly where: string;
  readonly line: number;
  /** Of its children by name; most elements have none. */
  #counts: Map<string, number> | undefined;
  #text = '';

  constructor(tag: SaxesTagNS, parent: XmlElement | undefined, line: number) {
    this.name = tag.local;
    this.uri = tag.uri;
    this.attributes = attributesOf(Object.values(tag.attributes));
    this.line = line;
    this.where = parent ? `${parent.where}/${parent.#stepTo(tag.local)}` : tag.local;
  }

  #stepTo(name: string): string {
    this.#counts ??= new Map();
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count === 1 ? name : `${name}[${count}]`;
  }

  /** Its own character data, spaces at both ends taken off. */
  get text(): string {
    return this.#text.trim();
  }

  addText(text: string): void {
    this.#text += text;
  }

  attribute(name: string): string | undefined {
    return this.attributes.get(name);
  }

  /** The first child of that name; names in a row go deeper. */
  child(...names: string[]): XmlElement | undefined {
    return names.reduce<XmlElement | undefined>(
      (element, name) => element?.children.find((child) => child.name === name),
      this,
    );
  }

  childrenNamed(name: string): XmlElement[] {
    return this.children.filter((child) => child.name === name);
  }

  /** Character data of the first child of that name (names in a row go deeper); undefined where absent or empty. */
  textOf(...names: string[]): string | undefined {
    return this.child(...names)?.text || undefined;
  }

  /** This element and all below it. */
  *descendants(): Generator<XmlElement> {
    yield this;
    for (const child of this.children) yield* child.descendants();
  }
}

const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

function attributesOf(attributes: SaxesAttributeNS[]): ReadonlyMap<string, string> {
  if (attributes.length === 0) return NO_ATTRIBUTES;
  const byName = new Map<string, string>();
  for (const { name, value } of attributes) byName.set(name, value);
  for (const { local, value } of attributes) if (!byName.has(local)) byName.set(local, value);
  return byName;
}

/**
 * The root elements: one for a document, several where documents were written one after another.
 * @throws source.invalid with line and column of what is wrong.
 */
export function parseXml(text: string, file: string, allowance = new Allowance()): XmlElement[] {
  const parser = new SaxesParser({ xmlns: true, fragment: true, position: true });
  const wrong = (why: string) =>
    new AscendError('source.invalid', `${file}, line ${parser.line}, column ${parser.column}: ${why}.`, {
      context: { file, line: parser.line, offset: parser.position },
      hint: 'Export the metadata again; the file may have been cut off or edited.',
    });
  const roots: XmlElement[] = [];
  const open: XmlElement[] = [];
  let count = 0;
  parser.on('error', ({ message }) => {
    // Between fragments the parser takes no declaration at all, wherever it stands.
    if (message.includes('doctype')) throw wrong('a document type declaration, which metadata may not have');
    throw wrong(`not well-formed XML (${message.replace(/^\d+:\d+: /, '').replace(/\.$/, '')})`);
  });
  let attributes = 0;
  parser.on('opentagstart', () => void (attributes = 0));
  parser.on('attribute', () => {
    if (++attributes > MAX_ATTRIBUTES) throw wrong(`more than ${MAX_ATTRIBUTES} attributes`);
  });
  parser.on('opentag', (tag) => {
    if (++count > MAX_ELEMENTS) throw wrong(`more than ${MAX_ELEMENTS} elements`);
    allowance.take(UNITS_OF_ELEMENT, file);
    if (open.length >= MAX_DEPTH) throw wrong(`elements nested more than ${MAX_DEPTH} deep`);
    const parent = open.at(-1);
    const element = new XmlElement(tag, parent, parser.line);
    (parent?.children ?? roots).push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (data) => open.at(-1)?.addText(data));
  parser.on('cdata', (data) => open.at(-1)?.addText(data));
  // A fragment may not begin with a declaration, and documents in a row have one each.
  parser.write(text.replace(/^\uFEFF/, '').replaceAll(/<\?xml[^>]{0,200}\?>/g, blank)).close();
  if (roots.length === 0) throw wrong('no element at all');
  return roots;
}

/** Spaces, so that what follows keeps its line and column. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
