/** A metadata file, opened once for all who want to know whether it is theirs. */
import { AscendError } from '../../proto/errors.ts';
import { Allowance } from './allowance.ts';
import { parseJson, type JsonNode } from './json.ts';
import { decodeText } from './text.ts';
import { parseXml, type XmlElement } from './xml.ts';

export interface Document {
  /** Relative to the backup's folder, forward slashes. */
  readonly path: string;
  readonly content: Buffer;
  readonly body: Body;
}

export type Body =
  | { kind: 'json'; root: JsonNode }
  | { kind: 'xml'; roots: XmlElement[] }
  /** Neither JSON nor XML by its first character: lines of text, or binary. */
  | { kind: 'other' }
  /** Begins like JSON or XML and is not. */
  | { kind: 'broken'; problem: AscendError };

/** `allowance`: one for all documents that are held together. */
export function openDocument(path: string, content: Buffer, allowance = new Allowance()): Document {
  return { path, content, body: bodyOf(path, content, allowance) };
}

function bodyOf(path: string, content: Buffer, allowance: Allowance): Body {
  const start = decodeText(content.subarray(0, 4096)).trimStart()[0];
  const looksLikeJson = start === '{' || start === '[';
  if (!looksLikeJson && start !== '<') return { kind: 'other' };
  try {
    const text = decodeText(content);
    return looksLikeJson
      ? { kind: 'json', root: parseJson(text, path, allowance) }
      : { kind: 'xml', roots: parseXml(text, path, allowance) };
  } catch (problem) {
    if (problem instanceof AscendError) return { kind: 'broken', problem };
    throw problem;
  }
}
