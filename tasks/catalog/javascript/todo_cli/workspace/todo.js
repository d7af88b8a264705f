/** Does what a command line says, and returns the exit code. */
export function run(args, io) {
  io.err('todo: not written yet');
  return 2;
}
