// Type-checks projects as `vue-tsc --noEmit` does, and looks for patterns in their syntax trees: one JSON object
// a line. It parses and never executes what an answer holds, so one process may serve many answers; what is
// parsed of the libraries is kept from one to the next.

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { linesOf } from "./vue_lines.mjs";

const LIBRARIES = process.env.LLMBENCH_VUE ?? "/opt/llmbench/vue";
const PROJECT = join(process.cwd(), "project");

const say = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

link(process.cwd());
const [{ default: ts }, core, { proxyCreateProgram }, { readSource }, { silencers }, { look }] = await Promise.all([
  import("typescript"),
  import("@vue/language-core"),
  import("@volar/typescript/lib/node/proxyCreateProgram.js"),
  import("./vue_source.mjs"),
  import("./vue_silenced.mjs"),
  import("./vue_patterns.mjs"),
]);

const VUE = [{ extension: "vue", isMixedContent: true, scriptKind: ts.ScriptKind.Deferred }];

function link(folder) {
  try {
    symlinkSync(join(LIBRARIES, "node_modules"), join(folder, "node_modules"));
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

function write(files) {
  rmSync(PROJECT, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    const target = join(PROJECT, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  link(PROJECT);
}

/** Parsed files of the libraries, by the options that they were parsed and bound with. */
const kept = new Map();

function keeping(host, options) {
  const key = JSON.stringify(options);
  if (!kept.has(key)) kept.set(key, new Map());
  const files = kept.get(key);
  const original = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => {
    // Of the project nothing is kept: the next answer has files of the same names.
    if (name.startsWith(`${PROJECT}/`)) return original(name, ...rest);
    if (!files.has(name)) files.set(name, original(name, ...rest));
    return files.get(name);
  };
  return host;
}

function diagnose(hidden) {
  const path = join(PROJECT, "tsconfig.json");
  const { config: json, error } = ts.readConfigFile(path, ts.sys.readFile);
  const ours = { noEmit: true, allowNonTsExtensions: true };
  const config = ts.parseJsonConfigFileContent(json ?? {}, ts.sys, PROJECT, ours, path, undefined, VUE);
  const { vueOptions } = core.createParsedCommandLine(ts, ts.sys, path);
  const createProgram = proxyCreateProgram(ts, ts.createProgram, (api, { options: given }) => ({
    languagePlugins: [core.createVueLanguagePlugin(api, given, vueOptions, (id) => id)],
  }));
  const program = createProgram({
    rootNames: [...config.fileNames, ...hidden.map((path) => join(PROJECT, path))],
    options: config.options,
    host: keeping(ts.createCompilerHost(config.options), config.options),
    configFileParsingDiagnostics: error ? [error] : config.errors,
  });
  return ts.getPreEmitDiagnostics(program).map(asLine);
}

function asLine({ file, start, code, messageText }) {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (!file) return { file: "", line: 0, column: 0, code, message };
  const { line, character } = ts.getLineAndCharacterOfPosition(file, start ?? 0);
  const name = file.fileName.startsWith(`${PROJECT}/`) ? file.fileName.slice(PROJECT.length + 1) : file.fileName;
  return { file: name, line: line + 1, column: character + 1, code, message };
}

/** Judge a project: `files` with the answer laid over, `hidden` type tests, the `changed` files, `patterns`. */
function check({ files, hidden, changed, patterns }) {
  write({ ...files, ...hidden });
  const diagnostics = diagnose(Object.keys(hidden));
  const sources = new Map(Object.entries(files).map(([path, text]) => [path, () => readSource(path, text)]));
  const source = (path) => (sources.get(path) ?? (() => readSource(path, "")))();
  return {
    diagnostics,
    silenced: changed.flatMap((path) => silencers(source(path)).map((what) => ({ file: path, what }))),
    patterns: patterns.map((pattern) => look(pattern, { source, diagnostics, files })),
  };
}

for await (const line of linesOf(process.stdin)) {
  let reply;
  try {
    reply = check(JSON.parse(line));
  } catch (error) {
    reply = { error: String(error?.stack ?? error) };
  }
  say(`${JSON.stringify(reply)}\n`);
}
