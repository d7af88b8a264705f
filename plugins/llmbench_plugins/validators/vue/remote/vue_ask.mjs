// What tests import as "llmbench/page": runs a function where the answer is, and brings back what it returns.

import { connect } from "node:net";

import { linesOf } from "./vue_lines.mjs";

let line;

function dial() {
  const connection = connect(process.env.LLMBENCH_PAGE);
  connection.unref();
  return { connection, replies: linesOf(connection) };
}

/**
 * Run `action(tools, ...args)` in a fresh page of the answer's box and return its value, as JSON carries it.
 *
 * The function is sent as text: it sees its tools and arguments, and nothing else of the test.
 */
export async function page(action, ...args) {
  line ??= dial();
  line.connection.write(`${JSON.stringify({ run: String(action), args })}\n`);
  const reply = JSON.parse((await line.replies.next()).value);
  if ("value" in reply) return reply.value;
  throw new Error(reply.ended ?? reply.error ?? "the page gave no answer");
}
