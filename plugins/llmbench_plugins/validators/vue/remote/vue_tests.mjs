// Runs in the tests' box: vitest over the tests of one task after the other, and passes what they ask of the
// answer out of the box.
//
// Standard input and output are the line to llmbench: one JSON object a line, every line out answered by one in.
// No code of an answer is ever here, so what vitest counts can be believed, and the process can be kept.

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

import { linesOf } from "./vue_lines.mjs";

const LIBRARIES = process.env.LLMBENCH_VUE ?? "/opt/llmbench/vue";
const TEMP = process.env.TMPDIR ?? "/tmp";
const ROOT = join(process.cwd(), "task");
const ASK = join(process.cwd(), ".llmbench", "vue_ask.mjs");

process.env.LLMBENCH_PAGE = join(TEMP, "page");
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

const incoming = linesOf(process.stdin);
let turn = Promise.resolve();

/** Say one line to llmbench and return its reply; tests may ask at once, llmbench answers one at a time. */
function exchange(message) {
  turn = turn.then(async () => {
    write(`${JSON.stringify(message)}\n`);
    return (await incoming.next()).value;
  });
  return turn;
}

function listen() {
  const server = createServer(async (connection) => {
    for await (const line of linesOf(connection)) {
      connection.write(`${await exchange({ ask: JSON.parse(line) })}\n`);
    }
  });
  return new Promise((resolve) => server.listen(process.env.LLMBENCH_PAGE, resolve));
}

function lay(files) {
  rmSync(ROOT, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), content);
  }
}

async function runTests({ files, timeout_s }) {
  lay(files);
  const vitest = await startVitest(
    "test",
    [],
    {
      root: ROOT,
      config: false,
      watch: false,
      reporters: [{}],
      include: ["**/*.test.ts"],
      pool: "threads",
      isolate: false,
      fileParallelism: false,
      testTimeout: timeout_s * 1000,
    },
    {
      envFile: false,
      cacheDir: join(TEMP, "vite"),
      logLevel: "silent",
      resolve: { alias: { "llmbench/page": ASK } },
    },
  );
  const modules = vitest.state.getTestModules();
  const tests = modules.flatMap((module) => [...module.children.allTests()].map(asResult));
  const broken = [...modules.flatMap((module) => module.errors()), ...vitest.state.getUnhandledErrors()];
  await vitest.close();
  return { tests, errors: broken.map((error) => text(error.message ?? error)) };
}

function asResult(test) {
  const { state, errors = [] } = test.result();
  return { name: test.fullName, state, message: errors.map((error) => text(explained(error))).join("\n") };
}

function explained({ message, expected, actual }) {
  const compared = [expected, actual].every((value) => typeof value === "string");
  return compared ? `${message}\nexpected: ${expected}\nreceived: ${actual}` : message;
}

function text(value) {
  return String(value).slice(0, 4000);
}

symlinkSync(join(LIBRARIES, "node_modules"), "node_modules");
const { startVitest } = await import("vitest/node");
await listen();
for (let order = await incoming.next(); !order.done; order = await incoming.next()) {
  let done;
  try {
    done = await runTests(JSON.parse(order.value));
  } catch (error) {
    done = { tests: [], errors: [text(error.stack ?? error)] };
  }
  // vitest says by it that tests failed; here it would be the end of a healthy process.
  process.exitCode = 0;
  write(`${JSON.stringify({ done })}\n`);
}
process.exit();
