// The line to llmbench: one JSON object a line.
'use strict';

const fs = require('fs');

// Lines to descriptor 3 and from descriptor 0, which are read while everything else waits.
class Lines {
  constructor() {
    this.rest = Buffer.alloc(0);
    this.chunk = Buffer.alloc(1 << 16);
  }

  say(message) {
    let data = Buffer.from(`${JSON.stringify(message)}\n`);
    while (data.length) {
      try {
        data = data.subarray(fs.writeSync(3, data));
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        pause();
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

  // Returns the next line, or null at the end.
  next() {
    for (;;) {
      const line = this.taken();
      if (line !== undefined) return line;
      let count;
      try {
        count = fs.readSync(0, this.chunk, 0, this.chunk.length, null);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        pause();
        continue;
      }
      if (!count) return null;
      this.rest = Buffer.concat([this.rest, this.chunk.subarray(0, count)]);
    }
  }

  // The same, while timers and promises go on.
  async later() {
    for (;;) {
      const line = this.taken();
      if (line !== undefined) return line;
      const count = await new Promise((resolve, reject) => {
        fs.read(0, this.chunk, 0, this.chunk.length, null, (error, n) => (error ? reject(error) : resolve(n)));
      });
      if (!count) return null;
      this.rest = Buffer.concat([this.rest, this.chunk.subarray(0, count)]);
    }
  }
}

function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

module.exports = { Lines };
