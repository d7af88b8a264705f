import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

const TABLE = {
  rowKey: 'id',
  rows: [
    { id: 1, city: 'Berlin', people: 3.7 },
    { id: 2, city: 'Lima', people: 10 },
    { id: 3, city: 'Accra', people: 2.5 },
  ],
  columns: [
    { key: 'city', title: 'City', sortable: true },
    { key: 'people', title: 'People (M)', sortable: true, numeric: true },
    { key: 'id', title: 'No.' },
  ],
}

test('shows titles and values, and marks numbers', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const table = mount(DataTable, { props })
    const cells = (row) => row.findAll('th, td').map((cell) => [cell.text(), cell.classes().join(' ')])
    return [table.findAll('tr').map(cells)[0], table.findAll('tbody tr').map((row) => row.text()), cells(table.findAll('tr')[2])]
  }, TABLE)
  expect(seen).toEqual([
    [['City', ''], ['People (M)', 'numeric'], ['No.', '']],
    ['Berlin3.71', 'Lima102', 'Accra2.53'],
    [['Lima', ''], ['10', 'numeric'], ['2', '']],
  ])
})

test('sorts up, down and not at all, without a parent that keeps the order', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const table = mount(DataTable, { props })
    const states = []
    for (const index of [0, 0, 0, 1, 2]) {
      await table.findAll('th')[index].trigger('click')
      const order = table.findAll('tbody tr').map((row) => row.get('td').text()[0]).join('')
      states.push([order, table.findAll('th').map((head) => head.attributes('aria-sort')).join(' ')])
    }
    return [states, table.emitted('update:sort').map(([sort]) => sort), props.rows.map((row) => row.id)]
  }, TABLE)
  expect(seen).toEqual([
    [
      ['ABL', 'ascending none none'],
      ['LBA', 'descending none none'],
      ['BLA', 'none none none'],
      ['ABL', 'none ascending none'],
      ['ABL', 'none ascending none'],
    ],
    [{ key: 'city', descending: false }, { key: 'city', descending: true }, null, { key: 'people', descending: false }],
    [1, 2, 3],
  ])
})

test('takes the order from its parent', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const table = mount(DataTable, { props: { ...props, sort: { key: 'people', descending: true } } })
    const order = () => table.findAll('tbody tr').map((row) => row.get('td').text()[0]).join('')
    const first = order()
    await table.setProps({ sort: { key: 'city', descending: false } })
    const second = order()
    await table.setProps({ sort: null })
    return [first, second, order()]
  }, TABLE)
  expect(seen).toEqual(['LBA', 'ABL', 'BLA'])
})

test('selects rows, and tells no click of them', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const table = mount(DataTable, { props: { ...props, selectable: true } })
    const boxes = () => table.findAll('input[type=checkbox]')
    for (const index of [2, 0, 2]) {
      await boxes()[index].trigger('click')
      await boxes()[index].trigger('change')
    }
    const told = table.emitted('update:selected').map(([rows]) => rows.map((row) => row.id))
    const checked = boxes().map((box) => box.element.checked)
    return [told, checked.length, table.emitted('rowClick') ?? 'never', table.findAll('th').length]
  }, TABLE)
  expect(seen).toEqual([[[3], [3, 1], [1]], 3, 'never', 4])
})

test('shows what its parent has selected', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const table = mount(DataTable, { props: { ...props, selectable: true, selected: [props.rows[1]] } })
    const checked = () => table.findAll('input').map((box) => box.element.checked)
    const first = checked()
    await table.setProps({ selected: [props.rows[0], props.rows[2]] })
    return [first, checked()]
  }, TABLE)
  expect(seen).toEqual([
    [false, true, false],
    [true, false, true],
  ])
})

test('tells which row is clicked', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const table = mount(DataTable, { props })
    await table.findAll('tbody tr')[1].trigger('click')
    return table.emitted('rowClick')
  }, TABLE)
  expect(seen).toEqual([[TABLE.rows[1]]])
})

test('lets its parent fill headers, cells, caption and footer', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const slots = {
      caption: () => 'Cities',
      header: ({ column }) => `${column.title}:`,
      cell: ({ row, column, value }) => `${row.id}/${column.key}/${value}`,
      footer: ({ rows, selected }) => `${rows.map((row) => row.id).join('')}, ${selected.length} of them`,
    }
    const sort = { key: 'city', descending: false }
    const table = mount(DataTable, { props: { ...props, sort, selected: [props.rows[1]] }, slots })
    return ['caption', 'th', 'tbody td', 'tfoot'].map((part) => table.get(part).text())
  }, TABLE)
  expect(seen).toEqual(['Cities', 'City:', '3/city/Accra', '312, 1 of them'])
})

test('says when there are no rows, over all columns', async () => {
  const seen = await page(async ({ load, mount }, props) => {
    const DataTable = await load('src/components/DataTable.vue')
    const found = [{}, { empty: () => 'Nobody home' }].map((slots) => {
      const table = mount(DataTable, { props: { ...props, rows: [], selectable: true }, slots })
      const parts = ['caption', 'tfoot'].map((part) => table.find(part).exists())
      return [table.get('.empty').text(), table.get('.empty td').attributes('colspan'), ...parts]
    })
    return found
  }, TABLE)
  expect(seen).toEqual([
    ['No rows', '4', false, false],
    ['Nobody home', '4', false, false],
  ])
})
