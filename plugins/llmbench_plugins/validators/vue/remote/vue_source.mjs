// Reads a file of an answer as syntax trees: the blocks of a component, its template, and what TypeScript sees.
// Nothing of an answer is ever executed here.

import { parse as parseTree } from "@vue/compiler-dom";
import { parse } from "@vue/compiler-sfc";
import ts from "typescript";

const ELEMENT = 1; // NodeTypes of @vue/compiler-core
const COMMENT = 3;
const SIMPLE_EXPRESSION = 4;

/** A file as trees; one that is missing has empty ones, so that it meets no pattern. */
export function readSource(path, text) {
  return path.endsWith(".vue") ? component(path, text ?? "") : plain(path, text ?? "");
}

function plain(path, text) {
  const script = tree(path, text);
  return { path, scripts: [script], script, setup: null, nodes: [], expressions: [], comments: [] };
}

function component(path, text) {
  const { descriptor } = parse(text, { filename: path, sourceMap: false });
  const setup = block(path, descriptor.scriptSetup);
  const script = block(path, descriptor.script);
  const nodes = [...templateNodes(descriptor.template?.ast)];
  return {
    path,
    descriptor,
    setup,
    script,
    scripts: [setup, script].filter(Boolean),
    nodes,
    expressions: nodes.flatMap(expressionsOf).map((source) => tree(`${path}.ts`, source)),
    comments: rootComments(text),
  };
}

function block(path, content) {
  if (!content) return null;
  const lang = content.lang ?? "js";
  return Object.assign(tree(`${path}.${lang}`, content.content), { lang, attrs: content.attrs });
}

function tree(name, text) {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
}

function* templateNodes(node) {
  if (!node) return;
  yield node;
  for (const child of node.children ?? []) yield* templateNodes(child);
}

function expressionsOf(node) {
  const found = isExpression(node.content) ? [node.content.loc.source] : [];
  for (const prop of node.props ?? []) {
    if (isExpression(prop.arg)) found.push(prop.arg.loc.source);
    // What a slot takes is a list of parameters, with types perhaps.
    if (isExpression(prop.exp)) found.push(prop.name === "slot" ? `(${prop.exp.loc.source}) => {}` : prop.exp.loc.source);
  }
  return found;
}

function isExpression(part) {
  return part?.type === SIMPLE_EXPRESSION && !part.isStatic;
}

/** Comments beside the blocks: the language tools take options from them. */
function rootComments(text) {
  const root = parseTree(text, { parseMode: "sfc", comments: true, onError() {} });
  return root.children.filter(isComment).map((node) => node.content);
}

/** Yield a node of TypeScript and all below it. */
export function* walk(node) {
  yield node;
  const children = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* walk(child);
}

/** Yield all nodes of a file: of its scripts, and with `template` those of its template's expressions too. */
export function* walkAll(source, { template = false } = {}) {
  for (const file of source.scripts) yield* walk(file);
  if (template) for (const file of source.expressions) yield* walk(file);
}

export function isComment(node) {
  return node.type === COMMENT;
}

export function elements(source) {
  return source.nodes.filter((node) => node.type === ELEMENT);
}

/** Calls of a function by its bare name. */
export function* callsOf(source, name) {
  for (const node of walkAll(source, { template: true })) {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name) yield node;
  }
}

/** The declaration that a top-level name has in a file, or undefined. */
export function declared(source, name) {
  for (const file of source.scripts) {
    for (const statement of file.statements) {
      if (statement.name?.text === name) return statement;
      for (const one of statement.declarationList?.declarations ?? []) if (one.name.text === name) return one;
    }
  }
  return undefined;
}

export function isExported(declaration) {
  const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return Boolean(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) || hasExport(statement);
}

function hasExport(statement) {
  return (statement.modifiers ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
}
