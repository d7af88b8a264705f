import test from 'node:test';
import assert from 'node:assert/strict';
import { Sheet } from '../src/sheet.js';

function sheetOf(cells) {
  const sheet = new Sheet();
  sheet.setCells(Object.entries(cells));
  return sheet;
}

const valuesOf = (sheet, ...names) => names.map((name) => sheet.cellValue(name));
const inputsOf = (sheet, ...names) => names.map((name) => sheet.cellInput(name));

// Compares the values of formulas in the cells Z101, Z102 … of a sheet.
function assertFormulas(cells, formulas) {
  const sheet = sheetOf(cells);
  Object.entries(formulas).forEach(([formula, value], index) => {
    const name = `Z${101 + index}`;
    sheet.setCell(name, formula);
    assert.equal(sheet.cellValue(name), value, `value of ${formula}`);
  });
}

function assertRefused(sheet, name, inputs) {
  for (const input of inputs) {
    assert.throws(() => sheet.setCell(name, input), { name: 'SyntaxError' }, `a SyntaxError for ${input}`);
  }
}

test('arithmetic, texts and inputs work as before', () => {
  const cells = { A1: '2', A2: '-3', A3: '4.5', A4: 'text', A5: '12a', A6: '', A8: 'x12' };
  assertFormulas(cells, { '=A1+A2*3': -7, '= (A1 + A2) * 3 ': -3, '=1-2-3': -4, '=8/2/2': 2, '=--A3': 4.5, '=2*-A2': 6, '=B9': 0, '=A4': 'text' });
  const sheet = sheetOf({ ...cells, A6: '=A1' });
  assert.deepEqual(valuesOf(sheet, 'A1', 'A2', 'A3', 'A4', 'A5', 'A7', 'A8'), [2, -3, 4.5, 'text', '12a', null, 'x12']);
  assert.deepEqual(inputsOf(sheet, 'A3', 'A6', 'A7'), ['4.5', '=A1', '']);
  assert.throws(() => sheet.setCell('A1', 5), { name: 'TypeError' });
  for (const name of ['a1', 'A0', 'AAA1', 'A10000', '1A']) {
    assert.throws(() => sheet.cellValue(name), { name: 'RangeError' }, `cellValue of ${name}`);
    assert.throws(() => sheet.cellInput(name), { name: 'RangeError' }, `cellInput of ${name}`);
    assert.throws(() => sheet.setCell(name, '1'), { name: 'RangeError' }, `setCell of ${name}`);
  }
});

test('a division by 0 and a text as an operand are errors', () => {
  const cells = { A1: '0', A2: 'text', A3: '=1/A1', A4: '=A3' };
  assertFormulas(cells, {
    '=1/0': '#DIV/0!',
    '=0/A9': '#DIV/0!',
    '=A4': '#DIV/0!',
    '=A4+1': '#DIV/0!',
    '=-A3': '#DIV/0!',
    '=A2*2': '#VALUE!',
    '=2-A2': '#VALUE!',
    '=-A2': '#VALUE!',
    '=A2/0': '#VALUE!',
  });
});

test('of two operands the left one has the first error, and errors come before texts', () => {
  const cells = { A1: '=1/0', A2: '=-B1', B1: 'text' };
  assertFormulas(cells, {
    '=A1+A2': '#DIV/0!',
    '=A2+A1': '#VALUE!',
    '=B1+A1': '#DIV/0!',
    '=nix()*A1': '#NAME?',
    '=A1/0': '#DIV/0!',
    '=A2/0': '#VALUE!',
    '=#REF!+A1': '#REF!',
  });
});

test('a text that looks like an error is a text', () => {
  const cells = { A1: '#DIV/0!', A2: '#REF!', A3: '3' };
  assertFormulas(cells, { '=A1': '#DIV/0!', '=A1+1': '#VALUE!', '=SUM(A1:A3)': 3, '=IFERROR(A2;1)': '#REF!' });
  const sheet = sheetOf({ A1: '=1/0', A2: '=A1+1' });
  sheet.setCell('A1', '#DIV/0!');
  assert.equal(sheet.cellValue('A2'), '#VALUE!', 'a text in place of an error');
});

test('functions take all numbers of their ranges and expressions', () => {
  const cells = { A1: '4', B1: '-1', A2: '=A1+B1', B2: '10', C1: '100', A3: '1000' };
  assertFormulas(cells, {
    '=SUM(A1:B2)': 16,
    '=SUM(B2:A1)+1': 17,
    '=sum( A2 : B1 )': 16,
    '=SUM(B1:A2;C1;A1*2; 1)': 125,
    '=COUNT(A1:C2)': 5,
    '=Min(A1:C3)': -1,
    '=MAX(A1:B2; SUM(A1:A2))': 10,
    '=MAX(B1)': -1,
    '=MIN(A1)': 4,
    '=AVERAGE(A1:B2)*2': 8,
    '=SUM(A1:A1)': 4,
    '=SUM(A1:B1;A1:B1)': 6,
    '=SUM (A1 ;B2)': 14,
  });
});

test('texts and empty cells are passed over', () => {
  const cells = { A1: 'text', A2: '5', A4: '=A1', A5: '=A9' };
  assertFormulas(cells, {
    '=COUNT(A1:A9)': 2,
    '=COUNT(A2;A1;A3;A3+0)': 2,
    '=MIN(A2:A3)': 5,
    '=MAX(-1;A3)': -1,
    '=AVERAGE(A1:A3)': 5,
    '=SUM(A1;IF(1;A1;0);A2)': 5,
  });
  assertFormulas(cells, { '=SUM(A1)': 0, '=COUNT(A3:B9)': 1, '=COUNT(B1:C9)': 0, '=MIN(A1)': 0, '=MAX(B1:B9)': 0, '=AVERAGE(A1;A3)': '#DIV/0!' });
});

test('the first error among the arguments is the result', () => {
  const cells = { A1: '1', B2: '=1/0', A3: '=nix()', B1: '2', AA2: '=-D1', D1: 'text' };
  assertFormulas(cells, {
    '=SUM(A1:B3)': '#DIV/0!',
    '=COUNT(A3:B1)': '#DIV/0!',
    '=SUM(B2:AA3)': '#DIV/0!',
    '=SUM(C2:AA3)': '#VALUE!',
    '=MAX(A3;B2)': '#NAME?',
    '=MIN(A1;B2;A3)': '#DIV/0!',
    '=AVERAGE(D1;A3)': '#NAME?',
    '=COUNT(A1/0)': '#DIV/0!',
    '=COUNT(1;#REF!;A3)': '#REF!',
  });
  const sheet = sheetOf({ C1: '=SUM(A1:B2)' });
  for (const [name, input] of [
    ['A2', '=-D1'],
    ['B1', '=1/0'],
    ['D1', 'text'],
    ['A1', '=nix()'],
  ])
    sheet.setCell(name, input);
  assert.equal(sheet.cellValue('C1'), '#NAME?', 'whatever was set first');
  sheet.setCell('A1', '1');
  assert.equal(sheet.cellValue('C1'), '#DIV/0!', 'whatever was set first');
});

test('IF and IFERROR calculate only what they need', () => {
  const cells = { A1: '0', A2: 'text', A3: '=1/0' };
  assertFormulas(cells, {
    '=IF(2-1;7;A3)': 7,
    '=if(A1;A3;8)': 8,
    '=IF(-1;A2;A3)': 'text',
    '=IF(A9;1;A3)': '#DIV/0!',
    '=IF(A3;1;2)': '#DIV/0!',
    '=IF(A2;1;2)': '#VALUE!',
    '=IFERROR(A3;9)': 9,
    '=IFERROR(A2;9)': 'text',
    '=IFERROR(A1;A3)': 0,
    '=IFERROR(A3;nix())': '#NAME?',
    '=IfError(#REF!;IF(A3;1;2))': '#DIV/0!',
  });
});

test('an unknown function is an error with any arguments', () => {
  assertFormulas({ A1: '=1/0' }, { '=nix()': '#NAME?', '=SUMS(A1:B2;A1)': '#NAME?', '=constructor(1)': '#NAME?', '=Nix(A1/0)+A1': '#NAME?' });
});

test('a formula that can not be read is refused, and nothing changes', () => {
  const sheet = sheetOf({ A1: '1', B1: '=A1' });
  assertRefused(sheet, 'A1', [
    '=',
    '=1+',
    '=(1',
    '=(1 2',
    '=1)',
    '=*2)',
    '=1+;2)',
    '=a1',
    '=A0',
    '=AAA1',
    '=A10000',
    '=1 2',
    '=A1:A2',
    '=1+A1:A2',
    '=-A1:A2',
    '=(A1:A2)',
  ]);
  assertRefused(sheet, 'A1', [
    '=SUM',
    '=SUM()',
    '=SUM(1',
    '=SUM(1;)',
    '=SUM(1 2',
    '=SUM+1)',
    '=SUM(;1)',
    '=SUM(1,2)',
    '=SUM(A1:A2+1)',
    '=SUM((A1:A2))',
    '=SUM(A1:)',
    '=SUM(A1:A0)',
  ]);
  assertRefused(sheet, 'A1', ['=SUM(1:A2)', '=SUM(A1:A2:A3)', '=SUM(1+A1:A2)', '=1;2', '=#DIV/0!', '=#REF!:A1', '=SUM(A1:#REF!)']);
  assertRefused(sheet, 'A1', ['=IF(1;2)', '=IF(1;2;3;4)', '=IFERROR(1)', '=IFERROR(1;2;3)', '=IF(A1:A2;1;2)', '=IFERROR(1;A1:A2)', '=nix(IF(1;2;A1:A2))']);
  assert.deepEqual(inputsOf(sheet, 'A1', 'B1'), ['1', '=A1']);
  assert.deepEqual(valuesOf(sheet, 'A1', 'B1'), [1, 1]);
});

test('what has changed is returned, each cell after those that it refers to', () => {
  const sheet = sheetOf({ C1: '=B1+A1', B1: '=A2*2', A2: '=A1', A1: '1', D9: '=D8' });
  assert.deepEqual(sheet.setCell('A1', '2'), ['A1', 'A2', 'B1', 'C1']);
  assert.deepEqual(valuesOf(sheet, 'A1', 'A2', 'B1', 'C1'), [2, 2, 4, 6]);
  assert.deepEqual(sheet.setCell('B1', '=9'), ['B1', 'C1']);
  assert.deepEqual(sheet.setCell('A1', ''), ['A1', 'C1', 'A2']);
  assert.deepEqual(valuesOf(sheet, 'A1', 'A2', 'B1', 'C1'), [null, 0, 9, 9]);
});

test('of cells that do not wait the first in reading order is next', () => {
  const sheet = new Sheet();
  const names = ['AA1', 'B10', 'B9', 'Z1', 'C1', 'AB9', 'A10', 'B1'];
  const changed = sheet.setCells([...names.map((name) => [name, '=A1']), ['A1', '1'], ['A2', '=AA1'], ['C2', '=B9'], ['A3', '=C2']]);
  assert.deepEqual(changed, ['A1', 'B1', 'C1', 'Z1', 'AA1', 'A2', 'B9', 'C2', 'A3', 'AB9', 'A10', 'B10']);
});

test('only cells with another value than before have changed', () => {
  const sheet = sheetOf({ A1: '4', A2: '=IF(A1;1;0)', A3: '=A2+A1', A4: '=A2' });
  assert.deepEqual(sheet.setCell('A1', '5'), ['A1', 'A3']);
  assert.deepEqual(sheet.setCell('A1', '=2+3'), [], 'the value is the same');
  assert.deepEqual(sheet.setCell('A1', '0'), ['A1', 'A2', 'A3', 'A4']);
  assert.deepEqual(sheet.setCell('A9', ''), []);
  assert.deepEqual(sheet.setCell('A2', '=1/0'), ['A2', 'A3', 'A4']);
  assert.deepEqual(sheet.setCell('A2', '=2/0'), [], 'the same error');
});

test('cells in ranges count when they are filled and emptied', () => {
  const sheet = sheetOf({ C1: '=SUM(A1:B3)', C2: '=COUNT(B3:A2)' });
  assert.deepEqual(sheet.setCell('B2', '3'), ['B2', 'C1', 'C2']);
  assert.deepEqual(sheet.setCell('A1', '0'), ['A1']);
  assert.deepEqual(sheet.setCell('A4', '5'), ['A4']);
  assert.deepEqual(sheet.setCell('C3', '5'), ['C3']);
  assert.deepEqual(sheet.setCell('B2', ''), ['B2', 'C1', 'C2']);
  assert.deepEqual(sheet.setCell('C1', '=A1'), []);
  assert.deepEqual(sheet.setCell('B2', '7'), ['B2', 'C2'], 'C1 does not refer to B2 any more');
});

test('several cells are set at once, or none', () => {
  const sheet = sheetOf({ A1: '1', A2: '=A1' });
  const wrong = { A0: ['5', 'RangeError'], B1: ['=1+', 'SyntaxError'], B2: [5, 'TypeError'] };
  for (const [name, [input, error]] of Object.entries(wrong)) {
    assert.throws(
      () =>
        sheet.setCells([
          ['A1', '2'],
          [name, input],
          ['A3', '3'],
        ]),
      { name: error },
    );
    assert.deepEqual(valuesOf(sheet, 'A1', 'A2', 'A3'), [1, 1, null]);
    assert.equal(sheet.cellInput('A1'), '1');
  }
  assert.deepEqual(
    sheet.setCells([
      ['A1', '3'],
      ['B1', '=A1'],
      ['A1', '1'],
      ['B1', ''],
    ]),
    [],
    'the last input counts',
  );
  const corrected = [
    ['A1', '=1+'],
    ['A1', '7'],
  ];
  assert.throws(() => sheet.setCells(corrected), { name: 'SyntaxError' }, 'each input has to be right');
  assert.equal(sheet.cellValue('A1'), 1);
  assert.deepEqual(
    sheet.setCells([
      ['A3', '=A1'],
      ['A1', '8'],
    ]),
    ['A1', 'A2', 'A3'],
  );
  assert.deepEqual(sheet.setCells([]), []);
});

test('cells that depend on themselves are in a cycle until one is changed', () => {
  const sheet = sheetOf({ A1: '=B1+1', B1: '=C1', C1: '=IFERROR(A1;5)', D1: '=D1', E1: '=SUM(E1:E3)', E3: '=A1' });
  assert.deepEqual(valuesOf(sheet, 'A1', 'B1', 'C1', 'D1', 'E1', 'E3'), Array(6).fill('#CYCLE!'));
  assert.deepEqual(sheet.setCell('B1', '2'), ['B1', 'A1', 'C1', 'E3']);
  assert.deepEqual(valuesOf(sheet, 'A1', 'B1', 'C1', 'D1', 'E1', 'E3'), [3, 2, 3, '#CYCLE!', '#CYCLE!', 3]);
  assert.deepEqual(sheet.setCell('B1', '=A1'), ['A1', 'B1', 'C1', 'E3']);
  assert.deepEqual(valuesOf(sheet, 'A1', 'B1', 'C1', 'E3'), ['#CYCLE!', '#CYCLE!', 5, '#CYCLE!']);
});

test('cells that depend on a cycle, but not on themselves, are calculated', () => {
  const sheet = sheetOf({ A1: '=B1', B1: '=A1', A2: '=IFERROR(A1;1)', A3: '=A1', A4: '=IF(A2;7;A1)', B4: '=IFERROR(A3;2)+A2' });
  assert.deepEqual(valuesOf(sheet, 'A1', 'B1', 'A2', 'A3', 'A4', 'B4'), ['#CYCLE!', '#CYCLE!', 1, '#CYCLE!', 7, 3]);
  sheet.setCells([
    ['C1', '=D1+A2'],
    ['D1', '=C1'],
  ]);
  sheet.setCell('B1', '=A1+0');
  assert.deepEqual(valuesOf(sheet, 'C1', 'D1', 'A2'), ['#CYCLE!', '#CYCLE!', 1], 'A2 is between two cycles');
  assert.deepEqual(sheet.setCell('A2', '=IFERROR(B1;4)'), ['A2', 'B4']);
});

test('references that are not calculated count, too', () => {
  const sheet = sheetOf({ A1: '=IF(1;5;A2)', A2: '=IFERROR(6;A1)', B1: '=nix(B2:C3)', C3: '=IF(1;2;B1)', D1: '=IF(0;D2;3)' });
  assert.deepEqual(valuesOf(sheet, 'A1', 'A2', 'B1', 'C3', 'D1'), ['#CYCLE!', '#CYCLE!', '#CYCLE!', '#CYCLE!', 3]);
  sheet.setCell('D2', '=1/0');
  assert.equal(sheet.cellValue('D1'), 3);
  const order = sheetOf({}).setCells([
    ['A1', '=IF(1;5;B9)'],
    ['B9', '2'],
    ['A2', '3'],
  ]);
  assert.deepEqual(order, ['A2', 'B9', 'A1'], 'A1 waits for B9');
});

test('inserted rows move cells, and references follow', () => {
  const sheet = sheetOf({ A1: '1', A2: '2', A3: '=A1+A2', B2: '= A2*( A3 )-AB20', B1: '=SUM(A1:A2;A3)', C2: 'A3', C3: '=2' });
  assert.equal(sheet.insertRows(2, 3), undefined);
  assert.deepEqual(inputsOf(sheet, 'A1', 'A2', 'A5', 'A6', 'B5', 'B1', 'C5', 'C6'), ['1', '', '2', '=A1+A5', '= A5*( A6 )-AB23', '=SUM(A1:A5;A6)', 'A3', '=2']);
  assert.deepEqual(valuesOf(sheet, 'A1', 'A2', 'A3', 'A5', 'A6', 'B1', 'B2', 'B5'), [1, null, null, 2, 3, 6, null, 6]);
  assert.deepEqual(sheet.setCell('A3', '10'), ['A3', 'B1'], 'the new row is in the range');
  assert.deepEqual(sheet.setCell('A5', '3'), ['A5', 'A6', 'B1', 'B5']);
});

test('both corners of a range move on their own', () => {
  const sheet = sheetOf({ B1: '=SUM(A2:A4)+sum( A4 : A2 )', B2: '=COUNT(A1:C9)' });
  sheet.insertRows(5, 1);
  assert.deepEqual(inputsOf(sheet, 'B1', 'B2'), ['=SUM(A2:A4)+sum( A4 : A2 )', '=COUNT(A1:C10)'], 'below of A2:A4');
  sheet.insertRows(4, 1);
  assert.deepEqual(inputsOf(sheet, 'B1', 'B2'), ['=SUM(A2:A5)+sum( A5 : A2 )', '=COUNT(A1:C11)'], 'inside of A2:A4');
  sheet.insertRows(2, 2);
  assert.deepEqual(inputsOf(sheet, 'B1', 'B4'), ['=SUM(A4:A7)+sum( A7 : A4 )', '=COUNT(A1:C13)'], 'above of A2:A5');
});

test('rows that would be moved past the last one are refused', () => {
  for (const cells of [{ A9998: '1' }, { A1: '=B9998' }, { A1: '=SUM(A9998:A2)' }]) {
    const sheet = sheetOf({ ...cells, C1: '=D5', D5: '5' });
    assert.throws(() => sheet.insertRows(3, 2), { name: 'RangeError' }, JSON.stringify(cells));
    const [[name, input]] = Object.entries(cells);
    assert.deepEqual(inputsOf(sheet, 'C1', 'D5', name), ['=D5', '5', input], 'nothing has moved');
    assert.equal(sheet.cellValue('C1'), 5);
    sheet.insertRows(3, 1);
    assert.equal(sheet.cellInput('C1'), '=D6');
  }
  for (const [row, count] of [
    [0, 1],
    [10000, 1],
    [1.5, 1],
    [1, 0],
    [1, 1.5],
    ['1', 1],
    [1, -1],
  ]) {
    assert.throws(() => new Sheet().insertRows(row, count), { name: 'RangeError' }, `insertRows(${row}, ${count})`);
    assert.throws(() => new Sheet().deleteRows(row, count), { name: 'RangeError' }, `deleteRows(${row}, ${count})`);
  }
});

test('deleted rows take their cells, and references to these are errors', () => {
  const sheet = sheetOf({ A1: '1', A2: '2', A3: '3', A4: '4', B1: '=A1+A2', B4: '= A4*A1 -A3 ', C4: '=IFERROR(A2;9)', C5: '=A4', B2: '=A1' });
  assert.equal(sheet.deleteRows(2, 2), undefined);
  assert.deepEqual(inputsOf(sheet, 'A1', 'A2', 'A3', 'B1', 'B2', 'C2', 'C3'), ['1', '4', '', '=A1+#REF!', '= A2*A1 -#REF! ', '=IFERROR(#REF!;9)', '=A2']);
  assert.deepEqual(valuesOf(sheet, 'A2', 'A4', 'B1', 'B2', 'C2', 'C3'), [4, null, '#REF!', '#REF!', 9, 4]);
  sheet.insertRows(1, 1);
  assert.deepEqual(inputsOf(sheet, 'B2', 'B3'), ['=A2+#REF!', '= A3*A2 -#REF! ']);
  sheet.deleteRows(3, 9999);
  assert.deepEqual(valuesOf(sheet, 'A2', 'A3', 'C4'), [1, null, null]);
});

test('ranges lose their deleted rows', () => {
  const formulas = { '=SUM(A1:A9)': '=SUM(A1:A6)', '=SUM(A4:B9)': '=SUM(A4:B6)', '=SUM(A1:A5)': '=SUM(A1:A3)', '=SUM(B6:A2)': '=SUM(B3:A2)' };
  const others = {
    '=SUM(A5:A9)': '=SUM(A4:A6)',
    '=SUM(A4:A6)': '=SUM(#REF!)',
    '=SUM( A5:B5 ;2)': '=SUM( #REF! ;2)',
    '=SUM(B7:A1)': '=SUM(B4:A1)',
    '=SUM(A1:A4)': '=SUM(A1:A3)',
    '=SUM(A3:A5)': '=SUM(A3:A3)',
  };
  const outside = { '=SUM(A1:A3)': '=SUM(A1:A3)', '=SUM(A7:A9)': '=SUM(A4:A6)', '=SUM(B6 : A4)': '=SUM(#REF!)' };
  for (const [before, after] of Object.entries({ ...formulas, ...others, ...outside })) {
    const sheet = sheetOf({ C1: before, A3: '3', A8: '8' });
    sheet.deleteRows(4, 3);
    assert.equal(sheet.cellInput('C1'), after, `${before} without the rows 4 to 6`);
  }
  const sheet = sheetOf({ C1: '=SUM(A1:A9)', A3: '3', A5: '5', A8: '8' });
  sheet.deleteRows(4, 3);
  assert.equal(sheet.cellValue('C1'), 11);
  assert.deepEqual(sheet.setCell('A6', '1'), ['A6', 'C1']);
});

test('ranges as large as the sheet and long chains of references work', () => {
  const sheet = sheetOf({ ZZ1: '=SUM(A1:ZY9999)', ZZ2: '=COUNT(ZY9999:A1)', ZZ3: '=MAX(B1:ZX9999)' });
  const chain = Array.from({ length: 9999 }, (_, index) => [`A${index + 1}`, index === 0 ? '1' : `=A${index}+1`]);
  assert.equal(sheet.setCells(chain.reverse()).length, 10001, 'all cells but ZZ3 have changed');
  assert.deepEqual(valuesOf(sheet, 'A9999', 'ZZ1', 'ZZ2', 'ZZ3'), [9999, 49995000, 9999, 0]);
  assert.equal(sheet.setCell('A1', '2').length, 10000);
  assert.equal(sheet.setCell('A1', '=A9999').length, 10001);
  assert.deepEqual(valuesOf(sheet, 'A1', 'A5000', 'ZZ2'), ['#CYCLE!', '#CYCLE!', '#CYCLE!']);
});
