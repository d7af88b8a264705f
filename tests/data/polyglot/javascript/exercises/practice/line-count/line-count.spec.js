const { spawnSync } = require('child_process');
const { resolve } = require('path');

const count = (file) => spawnSync('node', [resolve(__dirname, 'line-count.js'), file], { cwd: __dirname });

describe('line-count', () => {
  test('counts', () => {
    expect(count('data/three.txt').stdout.toString().trim()).toEqual('3');
  });

  xit('fails without a file', () => {
    expect(count('data/none.txt').status).not.toBe(0);
  });
});
