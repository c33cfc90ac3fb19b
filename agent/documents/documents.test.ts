import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AscendError } from '../../proto/errors.ts';
import { Allowance } from './allowance.ts';
import { openDocument, type Body } from './document.ts';
import { JsonNode, parseJson } from './json.ts';
import { decodeText } from './text.ts';
import { parseXml, XmlElement } from './xml.ts';

const body = (content: string | Buffer) => openDocument('a.file', Buffer.from(content)).body;
const problem = (content: string | Buffer) => {
  const found = body(content);
  return found.kind === 'broken' ? found.problem.message : `not broken, but ${found.kind}`;
};

it.each<[what: string, content: string | Buffer, kind: Body['kind']]>([
  ['an object', '{"a": 1}', 'json'],
  ['a list after white space', ' \r\n\t[1]', 'json'],
  ['an element', '<domain/>', 'xml'],
  ['a comment before the element', '<!-- dumped --><domain/>', 'xml'],
  ['UTF-16 with a mark', Buffer.from('\ufeff<a/>', 'utf16le'), 'xml'],
  ['UTF-16 without a mark', Buffer.from('{"a":"ä"}', 'utf16le'), 'json'],
  ['lines of text', 'displayName = "web01"', 'other'],
  ['nothing', '', 'other'],
  ['binary', Buffer.from([0, 0, 1, 2, 3]), 'other'],
  ['JSON that was cut off', '{"a": [1, 2', 'broken'],
  ['an element that was cut off', '<domain><name>web', 'broken'],
])('takes %s for what it is', (_what, content, kind) => {
  expect(body(content).kind).toBe(kind);
});

it('says where JSON is wrong', () => {
  expect(problem('{\n  "a": 1\n  "b": 2\n}')).toMatch(/not valid JSON: .*line 3 column 3/);
});

it('says where XML is wrong', () => {
  expect(problem('<a>\n  <b></c>\n</a>')).toMatch(/^a\.file, line 2, column \d+: not well-formed XML/);
});

it.each([
  ['an entity of its own', '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'],
  ['an external entity', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
  [
    'a billion laughs',
    `<!DOCTYPE a [<!ENTITY b "${'&c;'.repeat(10)}"><!ENTITY c "${'x'.repeat(1000)}">]><a>&b;</a>`,
  ],
])('refuses %s by its declaration', (_what, text) => {
  expect(problem(text)).toContain('a document type declaration');
});

it('knows no entity but the five of XML', () => {
  expect(parseXml('<a>&lt;&#x41;&amp;</a>', 'x')[0]?.text).toBe('<A&');
  expect(problem('<a>&evil;</a>')).toContain('undefined entity');
});

it.each([
  ['elements', `<a>${'<b/>'.repeat(60_001)}</a>`, 'more than 60000 elements'],
  ['depth of elements', '<a>'.repeat(101), 'nested more than 100 deep'],
  ['values of JSON', `[${'{},'.repeat(200_000)}0]`, 'more than 200000 values'],
  ['depth of JSON', '['.repeat(1_000_000), 'nested more than 200 deep'],
])('bounds the %s', (_what, text, said) => {
  expect(problem(text)).toContain(said);
});

it('holds no more of many documents than of one', () => {
  const allowance = new Allowance();
  const open = (name: string) =>
    openDocument(name, Buffer.from(`<a>${'<b/>'.repeat(50_000)}</a>`), allowance).body;
  expect(open('1.xml').kind).toBe('xml');
  const second = open('2.xml');
  expect(second.kind === 'broken' && second.problem.message).toMatch(/^2\.xml was not read/);
  expect(openDocument('3.vmx', Buffer.from('displayName = "web01"'), allowance).body.kind).toBe('other');
});

it('reads documents that were written one after another', () => {
  const roots = parseXml('<?xml version="1.0"?>\n<a/>\n<?xml version="1.0"?>\n<b/>', 'x');
  expect(roots.map(({ name, line }) => [name, line])).toEqual([
    ['a', 2],
    ['b', 4],
  ]);
});

it('finds elements and attributes by their local names, and knows their places', () => {
  const [root] = parseXml(
    '<o:E xmlns:o="urn:o" o:id="1"><o:I>a</o:I><o:I x="2"> b <![CDATA[& c]]></o:I></o:E>',
    'x',
  );
  const [, second] = root?.childrenNamed('I') ?? [];
  expect([root?.uri, root?.attribute('id'), root?.attribute('o:id')]).toEqual(['urn:o', '1', '1']);
  expect([second?.where, second?.text, second?.attribute('x')]).toEqual(['E/I[2]', 'b & c', '2']);
  expect(root?.textOf('gone', 'deeper')).toBeUndefined();
});

it('keeps whole numbers beyond 2^53 exactly', () => {
  const root = parseJson('{"a": 9007199254740993, "b": 1.5, "c": -12345678901234567890}', 'x');
  expect([root.get('a').whole(), root.get('b').whole(), root.get('c').whole()]).toEqual([
    9007199254740993n,
    undefined,
    undefined,
  ]);
});

it('is asked for what is not there without harm', () => {
  const root = parseJson(
    '{"a": {"b": [10, "x"]}, "flag": "TRUE", "toString": 5, "__proto__": {"evil": 1}}',
    'x',
  );
  expect(
    root
      .get('a', 'b')
      .items()
      .map(({ where }) => where),
  ).toEqual(['a.b[0]', 'a.b[1]']);
  expect(root.get('a', 'c', 'd')).toMatchObject({ value: undefined, where: 'a.c.d', exists: false });
  expect([root.get('flag').flag(), root.get('toString').whole(), root.get('valueOf').exists]).toEqual([
    true,
    5n,
    false,
  ]);
  expect(root.get('__proto__', 'evil').whole()).toBe(1n);
  expect(new JsonNode({}).get('evil').exists).toBe(false);
  expect(root.first('gone', 'flag').text()).toBe('TRUE');
});

it('decodes UTF-8 and UTF-16 in either order', () => {
  const big = Buffer.from('\ufeffä', 'utf16le').swap16();
  expect([decodeText(Buffer.from('\ufeffä')), decodeText(big), decodeText(Buffer.from('ä'))]).toEqual([
    'ä',
    'ä',
    'ä',
  ]);
});

it('meets any bytes with a body, and any broken one with a place', () => {
  const mutated = fc
    .tuple(fc.constantFrom('{"a": [1, {"b": "c"}]}', '<a b="c"><d>e</d></a>'), fc.nat(25), fc.string())
    .map(([good, at, junk]) => Buffer.from(good.slice(0, at) + junk + good.slice(at + 1)));
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
      (content) => {
        const found = body(content);
        if (found.kind === 'broken') expect(found.problem).toBeInstanceOf(AscendError);
        else if (found.kind === 'xml') expect(found.roots[0]).toBeInstanceOf(XmlElement);
      },
    ),
  );
});
