// The kinds of patterns that a task may ask for, each decided on syntax trees. A kind returns an empty string
// where the pattern is met, and else what is missing, as the model is told.

import { compileScript, registerTS } from "@vue/compiler-sfc";
import ts from "typescript";

import { callsOf, declared, elements, isExported, walk, walkAll } from "./vue_source.mjs";

registerTS(() => ts);

/** Say whether a pattern is met, and if not, what is missing. */
export function look(pattern, project) {
  const source = project.source(pattern.file);
  const missing = KINDS[pattern.kind](source, pattern, project);
  return { met: missing === "", missing };
}

const KINDS = {
  script_setup_ts(source) {
    if (!source.setup) return "there is no <script setup>";
    const other = source.scripts.find((script) => !["ts", "tsx"].includes(script.lang));
    return other ? 'a <script> has no lang="ts"' : "";
  },

  no_options_api(source) {
    const exported = [...walkAll(source)].some(
      (node) => ts.isExportAssignment(node) || (ts.isIdentifier(node) && node.text === "defineComponent"),
    );
    return exported ? "the component is still an object of options" : "";
  },

  typed_props(source, { names }) {
    return typedMacro(source, "defineProps", "props") || missingBindings(source, names);
  },

  typed_emits(source, { names }) {
    const problem = typedMacro(source, "defineEmits", "events");
    return problem || missingMembers(source, "defineEmits", names, "events");
  },

  typed_slots(source, { names }) {
    const problem = typedMacro(source, "defineSlots", "slots");
    return problem || missingMembers(source, "defineSlots", names, "slots");
  },

  typed_model(source) {
    return typedMacro(source, "defineModel", "the model");
  },

  generic_component(source) {
    return source.setup?.attrs.generic?.trim?.() ? "" : "<script setup> has no type parameter (generic)";
  },

  no_any(source) {
    const found = [...walkAll(source, { template: true })].find((node) => node.kind === ts.SyntaxKind.AnyKeyword);
    return found ? `the type any is used: ${found.parent.getText().slice(0, 80)}` : "";
  },

  no_this(source) {
    const found = [...walkAll(source, { template: true })].some((node) => node.kind === ts.SyntaxKind.ThisKeyword);
    return found ? "this is used" : "";
  },

  no_non_null(source) {
    const found = [...walkAll(source, { template: true })].find(ts.isNonNullExpression);
    return found ? `the assertion ! is used: ${found.getText().slice(0, 80)}` : "";
  },

  interface_declared(source, { name }) {
    const declaration = declared(source, name);
    const isType = declaration && (ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration));
    if (!isType) return `no interface or type ${name} is declared`;
    return isExported(declaration) || source.setup ? "" : `the type ${name} is not exported`;
  },

  function_exported(source, { name }) {
    const { problem, it } = exportedFunction(source, name);
    if (problem) return problem;
    if (it.parameters.some((parameter) => !parameter.type && !parameter.initializer)) {
      return `a parameter of ${name} has no type`;
    }
    return it.type ? "" : `${name} declares no return type`;
  },

  generic_function(source, { name }) {
    const { problem, it } = exportedFunction(source, name);
    return problem || (it.typeParameters?.length ? "" : `${name} has no type parameter`);
  },

  calls(source, { name }) {
    return callsOf(source, name).next().done ? `${name}() is not called` : "";
  },

  no_calls(source, { name }) {
    return callsOf(source, name).next().done ? "" : `${name}() is still called`;
  },

  composable_used(source, { name, module }) {
    return KINDS.imports(source, { name, module }) || KINDS.calls(source, { name });
  },

  imports(source, { name, module }) {
    return imported(source, module).includes(name) ? "" : `${name} is not imported from ${module}`;
  },

  defines_store(source, { name }) {
    const declaration = declared(source, name);
    const call = declaration?.initializer;
    if (!declaration || !call || !ts.isCallExpression(call) || call.expression.getText() !== "defineStore") {
      return `no store ${name} is made by defineStore`;
    }
    return isExported(declaration) ? "" : `${name} is not exported`;
  },

  component_used(source, { name }) {
    return elements(source).some((node) => pascal(node.tag) === name) ? "" : `<${name}> is not in the template`;
  },

  slot_offered(source, { name }) {
    const slots = elements(source).filter((node) => node.tag === "slot");
    const names = slots.map((node) => node.props.find((prop) => prop.name === "name")?.value?.content ?? "default");
    return names.includes(name) ? "" : `the template offers no slot ${name}`;
  },

  types_hold(source, { file }, { diagnostics }) {
    const found = diagnostics.find((diagnostic) => diagnostic.file === file);
    return found ? `the types are not as wanted: ${found.message.split("\n")[0]}` : "";
  },
};

function typedMacro(source, macro, what) {
  const call = source.setup && [...walk(source.setup)].find((node) => isCallOf(node, macro));
  if (!call) return `${macro} is not called in <script setup>`;
  return call.typeArguments?.length ? "" : `${macro} does not get the type of ${what}: ${macro}<…>()`;
}

function isCallOf(node, name) {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name;
}

/** Complain of props that the compiled component does not have, wherever their type is declared. */
function missingBindings(source, names) {
  if (!names.length) return "";
  let bindings;
  try {
    bindings = compileScript(source.descriptor, { id: "llmbench", inlineTemplate: false }).bindings ?? {};
  } catch (error) {
    return `the component does not compile: ${error.message.split("\n")[0]}`;
  }
  const missing = names.filter((name) => !String(bindings[name]).startsWith("props"));
  return missing.length ? `no props ${missing.join(", ")}` : "";
}

/** Complain of names that a macro's type, written there or declared in the same file, does not list. */
function missingMembers(source, macro, names, what) {
  const call = [...walk(source.setup)].find((node) => isCallOf(node, macro));
  const listed = new Set(memberNames(source, call.typeArguments[0]));
  const missing = names.filter((name) => !listed.has(name));
  return missing.length ? `no ${what} ${missing.join(", ")}` : "";
}

function* memberNames(source, type) {
  if (ts.isTypeReferenceNode(type)) {
    const declaration = declared(source, type.typeName.getText());
    if (declaration) yield* memberNames(source, declaration.type ?? declaration);
    return;
  }
  if (ts.isIntersectionTypeNode(type)) for (const part of type.types) yield* memberNames(source, part);
  for (const member of type.members ?? []) {
    if (member.name) yield member.name.text ?? member.name.getText();
    // (event: "a" | "b", …): void, the older way of naming events.
    const event = member.parameters?.[0]?.type;
    if (event) for (const node of walk(event)) if (ts.isStringLiteral(node)) yield node.text;
  }
}

function exportedFunction(source, name) {
  const declaration = declared(source, name);
  const it = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : declaration;
  if (!it || !ts.isFunctionLike(it)) return { problem: `no function ${name} is declared` };
  return isExported(declaration) ? { problem: "", it } : { problem: `the function ${name} is not exported` };
}

function imported(source, module) {
  const found = [];
  for (const file of source.scripts) {
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) || !sameModule(source.path, statement.moduleSpecifier.text, module)) continue;
      const { name, namedBindings } = statement.importClause ?? {};
      if (name) found.push(name.text);
      for (const element of namedBindings?.elements ?? []) found.push((element.propertyName ?? element.name).text);
    }
  }
  return found;
}

/** Say whether a specifier in a file means `module`: a package, or a path below the project without its ending. */
function sameModule(path, specifier, module) {
  let wanted = specifier;
  if (specifier.startsWith("@/")) wanted = `src/${specifier.slice(2)}`;
  else if (specifier.startsWith(".")) wanted = new URL(specifier, `file:///${path}`).pathname.slice(1);
  return [wanted, `${wanted}/index`].includes(module) || (wanted.endsWith(".ts") && wanted.slice(0, -3) === module);
}

function pascal(tag) {
  const parts = tag.split("-").map((part) => part.charAt(0).toUpperCase() + part.slice(1));
  return parts.join("");
}

/** Every kind that there is: the tests compare them with what a task's specification may name. */
export const kinds = Object.keys(KINDS);
