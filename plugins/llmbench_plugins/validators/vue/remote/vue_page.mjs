// Runs in the answer's box: loads the project's modules as Vite would, and does to them what the tests ask.
//
// Standard input brings one JSON object a line: {"run": "source of a function", "args": […]}. The function gets
// the tools below and the arguments; what it returns goes back as {"value": …}, what it throws as {"error": …}.

import { symlinkSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";

import { linesOf } from "./vue_lines.mjs";

const LIBRARIES = process.env.LLMBENCH_VUE ?? "/opt/llmbench/vue";

// Standard output is the line to the tests; what the answer prints goes elsewhere.
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

let problems = [];
for (const kind of ["uncaughtException", "unhandledRejection"]) {
  process.on(kind, (error) => problems.push(error));
}

function link() {
  try {
    symlinkSync(`${LIBRARIES}/node_modules`, "node_modules");
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

async function makeLoader() {
  const [{ createServer }, { default: vue }, { ViteNodeServer }, { ViteNodeRunner }] = await Promise.all([
    import("vite"),
    import("@vitejs/plugin-vue"),
    import("vite-node/server"),
    import("vite-node/client"),
  ]);
  const root = process.cwd();
  const server = await createServer({
    root,
    configFile: false,
    envFile: false,
    logLevel: "silent",
    cacheDir: "/tmp/vite",
    resolve: { alias: { "@": `${root}/src` }, mainFields: [], conditions: ["node"] },
    plugins: [vue()],
    optimizeDeps: { noDiscovery: true, include: [] },
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  });
  const node = new ViteNodeServer(server, { transformMode: { web: [/./] } });
  const runner = new ViteNodeRunner({
    root,
    base: "/",
    fetchModule: (id) => node.fetchModule(id, "web"),
    resolveId: (id, importer) => node.resolveId(id, importer, "web"),
  });
  return {
    async load(path) {
      const module = await runner.executeFile(`${root}/${path}`);
      return path.endsWith(".vue") ? module.default : module;
    },
    // Every call begins with modules that nobody has used yet.
    forget: () => runner.moduleCache.clear(),
  };
}

async function makeTools() {
  const { builtinEnvironments } = await import("vitest/environments");
  await builtinEnvironments["happy-dom"].setup(globalThis, {});
  const loader = await makeLoader();
  const [vue, pinia, utils] = await Promise.all([import("vue"), import("pinia"), import("@vue/test-utils")]);
  const mounted = [];
  const keeping = (mount) => (...args) => {
    mounted.push(mount(...args));
    return mounted.at(-1);
  };
  const mounts = { mount: keeping(utils.mount), shallowMount: keeping(utils.shallowMount) };
  return { tools: { ...utils, ...mounts, vue, pinia, load: loader.load }, clear };

  function clear() {
    for (const wrapper of mounted.splice(0)) {
      try {
        wrapper.unmount();
      } catch {
        // What a component does when it goes is for tests to look at; the next call begins afresh anyway.
      }
    }
    document.body.innerHTML = "";
    localStorage.clear();
    sessionStorage.clear();
    loader.forget();
  }
}

function describe(error) {
  const known = error instanceof Error || typeof error?.message === "string";
  return known ? `${error.name ?? "Error"}: ${error.message}` : String(error);
}

async function answer(page, { run, args }) {
  problems = [];
  try {
    const value = await (0, eval)(`(${run})`)(page.tools, ...args);
    await turn(); // Node's own: errors that nobody awaited arrive meanwhile
    if (problems.length) throw problems[0];
    return { value: value ?? null };
  } catch (error) {
    return { error: describe(error) };
  } finally {
    page.clear();
  }
}

function encode(reply) {
  try {
    return JSON.stringify(reply);
  } catch (error) {
    return JSON.stringify({ error: `what came back is no plain data: ${describe(error)}` });
  }
}

link();
const page = await makeTools();
for await (const line of linesOf(process.stdin)) {
  say(`${encode(await answer(page, JSON.parse(line)))}\n`);
}
