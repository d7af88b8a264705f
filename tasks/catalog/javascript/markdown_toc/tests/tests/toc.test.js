import test from 'node:test';
import assert from 'node:assert/strict';
import { listHeadings, updateContents } from '../toc.js';

const document = (...lines) => `${lines.join('\n')}\n`;
const found = (...lines) => listHeadings(document(...lines)).map(({ level, text }) => [level, text]);
const textOf = (source) => listHeadings(`# ${source}`)[0]?.text;
const slugsOf = (...texts) => listHeadings(document(...texts.map((text) => `# ${text}`))).map(({ slug }) => slug);
// Lines of the entries alone.
const entriesOf = (levels, options) => {
  const headings = levels.map((level) => `${'#'.repeat(level)} ${'abcdefghijklmnopqrstuvwxyz'[level]}`);
  const updated = updateContents(document('<!-- toc -->', ...headings), { minLevel: 1, maxLevel: 6, ...options });
  return updated
    .split('\n')
    .slice(2, 2 + levels.length)
    .map((line) => line.replace(/\(.*/, ''));
};

function assertTexts(pairs) {
  for (const [source, text] of pairs) assert.equal(textOf(source), text, `text of the heading "# ${source}"`);
}

test('the example', () => {
  const lines = ['## Setting *up*', '### The `_config` file', '## Setting up', '', 'Last words', '---'];
  const markdown = document('# Guide', '', '<!-- toc -->', '', ...lines);
  assert.deepEqual(listHeadings(markdown)[2], { level: 3, text: 'The _config file', slug: 'the-_config-file', line: 6 });
  const entries = ['- [Setting up](#setting-up)', '  - [The \\_config file](#the-_config-file)', '- [Setting up](#setting-up-2)', '- [Last words](#last-words)'];
  assert.equal(updateContents(markdown), document('# Guide', '', '<!-- toc -->', '', ...entries, '', '<!-- /toc -->', '', ...lines));
});

test('headings with # have one to six of them, and may have a closing row', () => {
  assert.deepEqual(found('# one', '###### six', '##\ttab', '   ### spaces', '####### seven', '#word', '\\# escaped', '#'), [
    [1, 'one'],
    [6, 'six'],
    [2, 'tab'],
    [3, 'spaces'],
  ]);
  assert.deepEqual(found('# a #', '## b ######  ', '# c#', '# d # e', '## ##', '# f \\#', '#  g\t#'), [
    [1, 'a'],
    [2, 'b'],
    [1, 'c#'],
    [1, 'd # e'],
    [1, 'f #'],
    [1, 'g'],
  ]);
});

test('an underline makes a heading of the whole paragraph right before it', () => {
  assert.deepEqual(found('One', '===', 'two', '  lines\t', '    deep', '  -  ', '', 'x', '=-=', 'y', '-'), [
    [1, 'One'],
    [2, 'two lines deep'],
    [2, 'x =-= y'],
  ]);
  const lines = listHeadings(document('', 'two', 'lines', '=', '# next')).map(({ line }) => line);
  assert.deepEqual(lines, [2, 5], 'the line of a heading is its first one');
  assert.deepEqual(found('a', '', '---', '# b', '---', '```', '```', '---', '<!-- c -->', '---', '***', '---', 'd', '---'), [
    [1, 'b'],
    [2, 'd'],
  ]);
  assert.deepEqual(found('===', '', '=', 'a', '='), [[1, '= a']], 'without a paragraph it is text');
});

test('breaks are no text, and end paragraphs and containers', () => {
  assert.deepEqual(found('a', '***', 'b', '---', '- - -', 'c', '===', '* item', '_ _\t_', 'd', '---', 'x', '* * * x', 'y', '---'), [
    [2, 'b'],
    [1, 'c'],
    [2, 'd'],
  ]);
  assert.deepEqual(found('--', '===', '**', '---', 'a ***', '==='), [
    [1, '--'],
    [2, '**'],
    [1, 'a ***'],
  ]);
});

test('containers hold no headings, and their further lines neither', () => {
  assert.deepEqual(
    found('> # quoted', '> text', '---', '- # item', 'more', '    deep', '===', '1) a', '===', '+', 'b', '---', '', '123456789. a', '===', '', '1. a', '==='),
    [],
  );
  assert.deepEqual(found('1. a', '', 'b', '---', '- c', '# d', 'e', '===', 'f', '1234567890. g', '===', '-h', '---', '. i', '==='), [
    [2, 'b'],
    [1, 'd'],
    [1, 'e'],
    [1, 'f 1234567890. g'],
    [2, '-h'],
    [1, '. i'],
  ]);
});

test('indented lines are code, unless they continue a paragraph', () => {
  assert.deepEqual(found('    # code', '\t# code', '   \t# code', '', '    code', '---', 'a', '    # b', '\t---', '==='), [[1, 'a # b ---']]);
  assert.deepEqual(found('# a', '    code', '---', '', '   b', '==='), [
    [1, 'a'],
    [1, 'b'],
  ]);
});

test('code between fences has no headings', () => {
  assert.deepEqual(found('```js', '# a', '~~~', '``', '# a', '    ```', '``` x', '# b', '  `````  ', '# c'), [[1, 'c']]);
  assert.deepEqual(found('~~~~ `x`', '# a', '~~~', '````', '# b', '~~~~', '# c', '   ~~~', '# d'), [[1, 'c']]);
  assert.deepEqual(found('``', '# a', '~~', '# b'), [
    [1, 'a'],
    [1, 'b'],
  ]);
  assert.deepEqual(found('``` a`b', '===', 'text', '~~~', '# x'), [[1, '``` a`b']]);
});

test('comments have no headings', () => {
  assert.deepEqual(found('<!-- a', '# b', '', '```', '# c --> # d', '# e', 'f', ' <!-- g --> h', '---', 'i <!-- j', '# k'), [
    [1, 'e'],
    [1, 'k'],
  ]);
  assert.deepEqual(found('<!---->', '# a', '<!--->', '# b', '-->', '# c'), [
    [1, 'a'],
    [1, 'c'],
  ]);
  assert.deepEqual(found('    <!--', '# a', '<!-->', '# b', '-->', '# c', '<!--', '# d'), [
    [1, 'a'],
    [1, 'c'],
  ]);
});

test('front matter is between two lines of --- at the beginning', () => {
  assert.deepEqual(found('---', 'title: x', '# a', '```', ' ---', '---', 'b', '---'), [[2, 'b']]);
  assert.deepEqual(found('---', '---', 'a', '---'), [[2, 'a']]);
  assert.deepEqual(found('---', '# a', 'b', '--- '), [
    [1, 'a'],
    [2, 'b'],
  ]);
  assert.deepEqual(found('', '---', '# a', '---'), [[1, 'a']]);
});

test('escaped characters and code are taken as they are', () => {
  assertTexts([
    ['\\*a\\* \\_b\\_ \\\\ \\a \\é', '*a* _b_ \\ \\a \\é'],
    ['`*a* <b> \\_` c', '*a* <b> \\_ c'],
    ['`` a`b `` `c', 'a`b `c'],
    ['``` a `` b `c`', '``` a `` b c'],
    ['\\`a*b*\\`', '`ab`'],
    ['`a\\`*b*`', 'a\\b`'],
    ['a\t  b ` c ` d', 'a b c d'],
    ['\u00a0a\u00a0\u00a0b', '\u00a0a\u00a0\u00a0b'],
  ]);
});

test('tags and comments vanish, and addresses stay', () => {
  assertTexts([
    ['a <b class="x">c</b> <br/> d', 'a c d'],
    ['a<!-- *b* > -- c -->d', 'ad'],
    ['1 < 2 > 0 <3> </4>', '1 < 2 > 0 <3> </4>'],
    ['see <https://example.org/a_b_c?d=*e*>', 'see https://example.org/a_b_c?d=*e*'],
    ['<a b:c> <a:b c> <x+9.y-z:> <x_y:z>', 'x+9.y-z:'],
    ['a <b', 'a <b'],
    ['a <!-- b', 'a <!-- b'],
    ['a<!---->b <!--->c-->d', 'ab d'],
  ]);
});

test('links and images become their text', () => {
  assertTexts([
    ['[a *b*](c_d_e) [f][g] [h][]', 'a b f h'],
    ['![a](b) [![c](d)](e)', 'a c'],
    ['[a [b] c](d(e)f) g', 'a [b] c g'],
    ['[a] (b) [c]: ![d] [e', '[a] (b) [c]: ![d] [e'],
    ['[a \\] `]` b](c\\)`)`) d', 'a ] ] b d'],
    ['[a](b [c](d)', '[a](b c'],
    ['\\[a](b) !\\[c](d)', '[a](b) ![c](d)'],
  ]);
});

test('runs of * and _ of the same length are markup where they open and close', () => {
  assertTexts([
    ['*a* **b** ***c*** __d__ _e_', 'a b c d e'],
    ['**a *b* c** d', 'a b c d'],
    ['2 * 3 * 4, *a * b* c', '2 * 3 * 4, a * b c'],
    ['*a **b** c', '*a b c'],
    ['**a*', '**a*'],
    ['*a \\* `*` b* c', 'a * * b c'],
    ['a*b*c', 'abc'],
    ['*a _b* c_ *', 'a _b c_ *'],
  ]);
  assertTexts([
    ['snake_case_name _a_', 'snake_case_name a'],
    ['_a_b_ _c', 'a_b _c'],
    ['é_a_ 1_b_ -_c_', 'é_a_ 1_b_ -c'],
    ['_a_é _b_', 'a_é _b'],
    ['_a _ b_', 'a _ b'],
  ]);
});

test('slugs keep letters, marks and numbers of any script', () => {
  assert.deepEqual(slugsOf('Über — Größe & Maß', 'Привет, Мир!', '日本語　版', 'हिन्दी', 'a_b-c', 'v1.2 ½', 'A\u00a0B'), [
    'über-größe-maß',
    'привет-мир',
    '日本語-版',
    'हिन्दी',
    'a_b-c',
    'v12-½',
    'a-b',
  ]);
  assert.deepEqual(slugsOf('--- a -- b!-', '?!', '*', '👍'), ['a-b', 'section', 'section-2', 'section-3']);
});

test('no two headings have the same slug, and those that are not listed count', () => {
  assert.deepEqual(slugsOf('a', 'A 2', 'A', 'a!', 'a 2', 'b'), ['a', 'a-2', 'a-3', 'a-4', 'a-2-2', 'b']);
  assert.deepEqual(slugsOf('Cafe\u0301', 'CAFÉ', 'café'), ['café', 'café-2', 'café-3']);
  const updated = updateContents(document('# a', '#### a', '## <!-- -->', '##', '## a', '[](b)', '---', '## section'));
  assert.equal(
    updated,
    document(
      '# a',
      '#### a',
      '## <!-- -->',
      '##',
      '',
      '<!-- toc -->',
      '',
      '- [a](#a-3)',
      '- [section](#section)',
      '',
      '<!-- /toc -->',
      '',
      '## a',
      '[](b)',
      '---',
      '## section',
    ),
  );
});

test('entries are nested below the nearest entry with a lower level', () => {
  assert.deepEqual(entriesOf([4, 2, 4, 3, 6, 4, 2, 1, 5]), ['- [e]', '- [c]', '  - [e]', '  - [d]', '    - [g]', '    - [e]', '- [c]', '- [b]', '  - [f]']);
});

test('only headings of the levels that are asked for are listed', () => {
  const headings = ['# a', '## b', '### c', '#### d', '# e'];
  const listed = (options) => updateContents(document('<!-- toc -->', ...headings), options).match(/(?<=- \[)./g) ?? [];
  assert.deepEqual(listed(), ['b', 'c'], 'levels 2 and 3 without options');
  assert.deepEqual(listed({ minLevel: 1 }), ['a', 'b', 'c', 'e']);
  assert.deepEqual(listed({ maxLevel: 4 }), ['b', 'c', 'd']);
  assert.deepEqual(listed({ minLevel: 3, maxLevel: 3 }), ['c']);
});

test('a numbered table counts the children of each parent, and indents by the width of numbers', () => {
  const entries = entriesOf([2, 3, 3, 2, 4, 3, ...Array(8).fill(2), 3, 4, 3], { ordered: true });
  assert.deepEqual(entries, [
    '1. [c]',
    '   1. [d]',
    '   2. [d]',
    '2. [c]',
    '   1. [e]',
    '   2. [d]',
    ...[3, 4, 5, 6, 7, 8, 9, 10].map((number) => `${number}. [c]`),
    '    1. [d]',
    '       1. [e]',
    '    2. [d]',
  ]);
});

test('special characters in the text of entries are escaped', () => {
  const updated = updateContents('## `a*b_c` \\[d] \\\\ 1 < 2 > `` ` `` (e) #f! \\<!-- g --> {=} ~&h;\n');
  const [entry] = updated.match(/^- .*$/m);
  assert.equal(entry, '- [a\\*b\\_c \\[d\\] \\\\ 1 \\< 2 > \\` (e) #f! \\<!-- g --> {=} ~&h;](#ab_c-d-1-2-e-f-g-h)');
});

test('what is between the markers is replaced, and has no headings', () => {
  const before = ['## a', 'x', '   <!--toc-->', '- [old](#old)', '## b', '<!-- toc -->', '', '<!--\t /toc  -->  ', 'y'];
  const after = ['## b', '<!-- toc -->', '## c', '<!-- /toc -->', '<!-- /toc -->'];
  assert.deepEqual(
    listHeadings(document(...before, ...after)).map(({ text, slug, line }) => [text, slug, line]),
    [
      ['a', 'a', 1],
      ['b', 'b', 10],
      ['c', 'c', 12],
    ],
  );
  assert.equal(
    updateContents(document(...before, ...after)),
    document(...before.slice(0, 3), '', '- [a](#a)', '- [b](#b)', '- [c](#c)', '', ...before.slice(7), ...after),
  );
  assert.equal(
    updateContents(document('<!-- /toc -->', '<!-- toc -->', '', '- x', '<!-- /toc -->', '# a')),
    document('<!-- /toc -->', '<!-- toc -->', '<!-- /toc -->', '# a'),
    'without entries there is nothing between the markers',
  );
});

test('markers in code and in comments are none', () => {
  const lines = [
    '```',
    '<!-- toc -->',
    '```',
    '    <!-- toc -->',
    '<!--',
    '<!-- toc -->',
    'a <!-- toc -->',
    '<!-- toc --> a',
    '<!-- a <!-- toc -->',
    '<!-- TOC -->',
    '<!-- toc',
  ];
  const tail = ['-->', '## b', '~~~', '<!-- /toc -->', '~~~', '<!-- /toc --> c', '<!-- c <!-- /toc -->', '## d'];
  const block = ['<!-- toc -->', '', '- [b](#b)', '- [d](#d)', '', '<!-- /toc -->'];
  assert.equal(updateContents(document(...lines, ...tail)), document(...lines, '-->', '', ...block, '', ...tail.slice(1)));
  assert.equal(updateContents(document(...lines, '-->', '<!-- toc -->', ...tail.slice(1))), document(...lines, '-->', ...block, ...tail.slice(1)));
});

test('without a block the table stands at the marker, or before the first heading that is listed', () => {
  assert.equal(
    updateContents(document('<!-- /toc -->', '  <!-- toc -->', 'a', '---', '<!-- toc -->')),
    document('<!-- /toc -->', '  <!-- toc -->', '', '- [a](#a)', '', '<!-- /toc -->', 'a', '---', '<!-- toc -->'),
  );
  assert.equal(updateContents(document('# a', '<!-- toc -->', 'b')), document('# a', '<!-- toc -->', '<!-- /toc -->', 'b'));
  const block = ['<!-- toc -->', '', '- [b c](#b-c)', '', '<!-- /toc -->', ''];
  assert.equal(updateContents(document('# a', 'x', '', 'b', 'c', '---')), document('# a', 'x', '', ...block, 'b', 'c', '---'));
  assert.equal(updateContents(document('# a', '## b c')), document('# a', '', ...block, '## b c'));
  assert.equal(updateContents(document(' \t', '## b c')), document(' \t', ...block, '## b c'));
  assert.equal(updateContents('## b c'), `${block.join('\n')}\n## b c`);
  for (const text of ['', 'x', '\n', document('# a', 'b')]) assert.equal(updateContents(text), text, 'nothing to list');
});

test('inserted lines end as the first line does, and all others keep their ends', () => {
  assert.equal(
    updateContents('# a\r\n<!-- toc -->\r\nold\n<!-- /toc -->\n## b\r\n## c\nd\r\r\n'),
    '# a\r\n<!-- toc -->\r\n\r\n- [b](#b)\r\n- [c](#c)\r\n\r\n<!-- /toc -->\n## b\r\n## c\nd\r\r\n',
  );
  assert.equal(updateContents('# a\n## b\r\n'), '# a\n\n<!-- toc -->\n\n- [b](#b)\n\n<!-- /toc -->\n\n## b\r\n');
  assert.equal(updateContents('## b\r\n<!-- toc -->'), '## b\r\n<!-- toc -->\r\n\r\n- [b](#b)\r\n\r\n<!-- /toc -->');
  assert.equal(updateContents('<!-- toc -->'), '<!-- toc -->\n<!-- /toc -->');
  assert.equal(updateContents('## b\n<!-- toc -->\n<!-- /toc -->'), '## b\n<!-- toc -->\n\n- [b](#b)\n\n<!-- /toc -->');
});

test('a second update changes nothing', () => {
  const texts = [
    document('---', 'a: 1', '---', '## `x` <!-- y --> [z](w)', '> q', '### \\`\\`\\` \\~~~ \\<!-- toc -->', '#### deep'),
    document('<!-- toc -->', '- a', '', '    ```', '<!-- /toc -->', '# b', '##### c', '### `]` d'),
    'a\n---\r\nb\r\n---',
    '<!-- toc -->',
  ];
  for (const text of texts) {
    for (const options of [{}, { minLevel: 1, maxLevel: 6, ordered: true }]) {
      const once = updateContents(text, options);
      assert.notEqual(once, text, 'the first update changes the text');
      assert.equal(updateContents(once, options), once);
    }
  }
});

test('wrong arguments are refused', () => {
  for (const markdown of [undefined, null, 1, ['# a']]) {
    assert.throws(() => listHeadings(markdown), { name: 'TypeError' });
    assert.throws(() => updateContents(markdown), { name: 'TypeError' });
  }
  for (const level of [0, 7, 1.5, '2', null]) {
    assert.throws(() => updateContents('# a', { minLevel: level, maxLevel: 6 }), { name: 'RangeError' }, `minLevel ${level}`);
    assert.throws(() => updateContents('# a', { minLevel: 1, maxLevel: level }), { name: 'RangeError' }, `maxLevel ${level}`);
  }
  assert.throws(() => updateContents('# a', { minLevel: 4 }), { name: 'RangeError' }, '4 is greater than 3');
});
