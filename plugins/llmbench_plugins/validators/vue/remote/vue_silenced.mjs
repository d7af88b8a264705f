// Finds what makes the type checker look away: an answer that uses any of it does not count as compiling.

import ts from "typescript";

import { isComment, walkAll } from "./vue_source.mjs";

const AWAY = new Set([ts.SyntaxKind.AnyKeyword, ts.SyntaxKind.NeverKeyword]);

/** What silences the type checker in a file, each as a phrase for people. */
export function silencers(source) {
  return [...comments(source), ...assertions(source), ...ambient(source)];
}

function* comments(source) {
  for (const file of [...source.scripts, ...source.expressions]) {
    if (file.checkJsDirective?.enabled === false) yield "@ts-nocheck";
    for (const { range } of file.commentDirectives ?? []) yield file.text.slice(range.pos, range.end).trim();
  }
  for (const node of source.nodes) {
    if (isComment(node) && node.content.trim().startsWith("@vue-")) yield `<!--${node.content}-->`;
  }
  for (const content of source.comments) {
    // The language tools read the first line of the form `@key value`, wherever it stands.
    if (content.split("\n").some((line) => line.trim().startsWith("@"))) yield `<!--${content}-->`;
  }
}

function* assertions(source) {
  for (const node of walkAll(source, { template: true })) {
    if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) continue;
    const inner = ts.skipParentheses(node.expression);
    const twice = (ts.isAsExpression(inner) || ts.isTypeAssertionExpression(inner)) && isUnknown(inner.type);
    if (AWAY.has(node.type.kind) || twice) yield node.getText();
  }
}

function isUnknown(type) {
  return type.kind === ts.SyntaxKind.UnknownKeyword;
}

/** Yield declarations that stand in for files of the project, or for any module at all. */
function* ambient(source) {
  for (const node of walkAll(source)) {
    if (!ts.isModuleDeclaration(node) || !ts.isStringLiteral(node.name)) continue;
    const name = node.name.text;
    if (name.startsWith(".") || name.startsWith("@/") || name.includes("*") || name.endsWith(".vue")) {
      yield `declare module "${name}"`;
    }
  }
}
