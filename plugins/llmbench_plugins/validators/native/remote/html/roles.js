// The role of an element, as the mapping of HTML to ARIA has it; the library knows most of it.
'use strict';

const { getRole } = require('dom-accessibility-api');

const GRIDS = '[role=grid],[role=treegrid]';

// What depends on where an element is, or on whether it has a name.
const OWN = {
  td: (node) => cell(node, 'cell'),
  th: (node) => (node.getAttribute('scope') === 'row' || node.getAttribute('scope') === 'rowgroup' ? 'rowheader' : cell(node, 'columnheader')),
  section: (_, name) => (name() ? 'region' : null),
  form: (_, name) => (name() ? 'form' : null),
  img: (node) => (node.getAttribute('alt') === '' ? 'presentation' : 'img'),
  a: (node) => (node.hasAttribute('href') ? 'link' : null),
  output: () => 'status',
  caption: () => 'caption',
  legend: () => null,
  progress: () => 'progressbar',
  meter: () => 'meter',
  summary: () => null,
  search: () => 'search',
};

function cell(node, role) {
  const table = node.closest('table');
  if (role === 'columnheader' && !node.hasAttribute('scope') && isBesideData(node)) return 'rowheader';
  return role === 'cell' && table?.matches(GRIDS) ? 'gridcell' : role;
}

// A heading without a scope that leads a row of data is the row's.
function isBesideData(node) {
  return node.cellIndex === 0 && [...node.parentElement.children].some((each) => each.localName === 'td');
}

function roleOf(node, name) {
  const given = node.getAttribute('role')?.trim().split(/\s+/)[0];
  return given || OWN[node.localName]?.(node, name) || (node.localName in OWN ? null : getRole(node));
}

module.exports = { roleOf };
