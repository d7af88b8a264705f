// One JSON object a line. Node's own readline also ends lines at U+2028, which an answer could use to say two.

/** Yield the lines of a stream, which end at "\n" and nowhere else. */
export async function* linesOf(stream) {
  stream.setEncoding("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const parts = chunk.split("\n");
    parts[0] = rest + parts[0];
    rest = parts.pop();
    yield* parts;
  }
}
