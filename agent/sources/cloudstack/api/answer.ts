/**
 * Answers of CloudStack's API, however they were kept: with their envelope (`listvirtualmachinesresponse`), without it
 * (CloudMonkey), the result of a job, a bare list, and in XML, which the API sends unless asked for JSON.
 */
import type { Document } from '../../../documents/document.ts';
import { JsonNode, type Json } from '../../../documents/json.ts';
import type { XmlElement } from '../../../documents/xml.ts';

/** The outermost value, and whether its envelope says that CloudStack wrote it. */
export interface Answer {
  root: JsonNode;
  enveloped: boolean;
}

// {"addnictovirtualmachineresponse": {"jobresult": {"virtualmachine": {..}}}}
const MAX_ENVELOPES = 4;
const ENVELOPE = /^[a-z]+response$|^(list|deploy|start|stop|get|query|add|update|restore)[A-Za-z]+$/;

export function answerOf({ body }: Document): Answer | undefined {
  if (body.kind === 'json') return opened(body.root);
  const [root] = body.kind === 'xml' ? body.roots : [];
  if (root?.attribute('cloud-stack-version') === undefined) return undefined;
  return opened(new JsonNode({ [root.name]: jsonOf(root) }));
}

function opened(outer: JsonNode): Answer {
  let root = outer;
  let enveloped = false;
  for (let depth = 0; depth < MAX_ENVELOPES; depth++) {
    const inner = envelopeIn(root);
    if (inner === undefined) break;
    enveloped = true;
    root = inner;
  }
  return { root, enveloped };
}

function envelopeIn(node: JsonNode): JsonNode | undefined {
  if (node.get('jobresult').exists) return node.get('jobresult');
  const [name, second] = namesIn(node);
  if (name === undefined || second !== undefined || !ENVELOPE.test(name)) return undefined;
  return isObject(node.get(name).value) ? node.get(name) : undefined;
}

/** Names of an object's members. */
function namesIn({ value }: JsonNode): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function isObject(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Elements of a list; a single object stands for a list of one, as in XML and in results of jobs. */
export function listOf(node: JsonNode): JsonNode[] {
  return namesIn(node).length > 0 ? [node] : node.items();
}

/** The first of these members that says anything: the API sends empty strings, too. */
export function telling(node: JsonNode, ...names: [string, ...string[]]): JsonNode {
  const members = names.map((name) => node.get(name));
  return members.find((member) => member.text() !== undefined) ?? node.get(names[0]);
}

/** Members by name, repeated ones as a list. The parser bounds the depth. */
function jsonOf(element: XmlElement): Json {
  if (element.children.length === 0) return element.text;
  const groups = [...Map.groupBy(element.children, ({ name }) => name)];
  return Object.fromEntries(
    groups.map(([name, [first, ...more]]): [string, Json] => [
      name,
      first === undefined || more.length > 0
        ? [first, ...more].flatMap((one) => (one ? [jsonOf(one)] : []))
        : jsonOf(first),
    ]),
  );
}
