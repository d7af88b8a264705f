// The line to llmbench: one JSON object a line.
'use strict';

const fs = require('fs');
const net = require('net');

const FIRST_PAUSE_MS = 0.02;
const LONGEST_PAUSE_MS = 1;

// Lines to descriptor 3 and from descriptor 0, which are read while everything else waits.
class Lines {
  // Of what is said at once no more than `most` bytes get through.
  constructor(most = Infinity) {
    this.most = most;
    this.rest = Buffer.alloc(0);
    this.put = [];
    this.ended = false;
    this.chunk = Buffer.alloc(1 << 16);
  }

  say(message, what) {
    this.write(this.packed(message, what));
  }

  // Returns the line that says a message, or throws an error that says what is too large.
  packed(message, what) {
    const line = lineOf(message);
    if (line.length > this.most) throw new RangeError(`${what()} takes ${line.length} bytes; tests and answer can exchange ${this.most} at once`);
    return line;
  }

  fits(message) {
    return lineOf(message).length <= this.most;
  }

  write(data) {
    while (data.length) {
      try {
        data = data.subarray(fs.writeSync(3, data));
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        pause(LONGEST_PAUSE_MS);
      }
    }
  }

  taken() {
    const end = this.rest.indexOf(10);
    if (end < 0) return undefined;
    const line = this.rest.subarray(0, end);
    this.rest = this.rest.subarray(end + 1);
    return JSON.parse(line);
  }

  // Puts a line back, to be the next one.
  again(message) {
    this.put.push(message);
    this.wake?.();
  }

  // Returns the next line, or null at the end.
  next() {
    for (let ms = FIRST_PAUSE_MS; ; ) {
      const line = this.put.pop() ?? this.taken();
      if (line !== undefined) return line;
      if (this.ended) return null;
      let count;
      try {
        count = fs.readSync(0, this.chunk, 0, this.chunk.length, null);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        pause(ms);
        ms = Math.min(2 * ms, LONGEST_PAUSE_MS);
        continue;
      }
      if (!count) return null;
      this.rest = Buffer.concat([this.rest, this.chunk.subarray(0, count)]);
    }
  }

  // Waits until there is a line, or none will come, while timers and promises go on. It takes none: what is taken has to
  // be answered before any other code runs, and that code may itself call `next`.
  async ready() {
    this.stream ??= this.opened();
    while (!this.put.length && !this.rest.includes(10) && !this.ended) await new Promise((resolve) => (this.wake = resolve));
  }

  // Lets the process end although a line may come: code that waits for nothing ends its process.
  leave() {
    this.stream?.unref();
  }

  back() {
    this.stream?.ref();
  }

  opened() {
    const stream = new net.Socket({ fd: 0, readable: true, writable: false });
    stream.on('data', (chunk) => {
      this.rest = Buffer.concat([this.rest, chunk]);
      this.wake?.();
    });
    const end = () => {
      this.ended = true;
      this.wake?.();
    };
    return stream.on('end', end).on('error', end);
  }
}

function lineOf(message) {
  return Buffer.from(`${JSON.stringify(message)}\n`);
}

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

module.exports = { Lines };
