/** Every TypeScript file of the project with its imports, as the compiler's own parser sees them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { Import, SourceFile } from './arrows.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const HOUSES = ['proto', 'agent', 'controller', 'scripts', 'test'];
const PASSED_OVER = new Set(['node_modules', 'dist']);

/** From the root of the project, forward slashes, sorted. */
export function listFiles(): string[] {
  const walk = (folder: string): string[] =>
    readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return PASSED_OVER.has(entry.name) ? [] : walk(name);
      return entry.isFile() ? [name] : [];
    });
  return HOUSES.flatMap(walk).sort();
}

export function readSourceFiles(): SourceFile[] {
  return listFiles()
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('proto/gen/'))
    .map((file) => ({ file, imports: importsOf(file, readFileSync(path.join(ROOT, file), 'utf8')) }));
}

export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier))
      found.push({ target: resolve(file, specifier.text), typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** `import type {..}`, and `import { type A, type B }`, of which nothing is left either. */
function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  if (clause.name || !bindings || !ts.isNamedImports(bindings) || bindings.elements.length === 0)
    return false;
  return bindings.elements.every((element) => element.isTypeOnly);
}

function resolve(file: string, specifier: string): string {
  return specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
}
