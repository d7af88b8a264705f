import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

const PRODUCTS = [
  { sku: 'a', title: 'Lamp', price: 39 },
  { sku: 'b', title: 'Chair', price: 120 },
  { sku: 'c', title: 'Mug', price: 7.5 },
  { sku: 'd', title: 'Desk', price: 310 },
  { sku: 'e', title: 'Rug', price: 80 },
]

test('shows the first page, the cheapest first', async () => {
  const seen = await page(async ({ load, mount }, products) => {
    const ProductTable = await load('src/components/ProductTable.vue')
    const table = mount(ProductTable, { props: { products, perPage: 2 } })
    return [table.findAll('li').map((item) => item.text()), table.get('.page').text()]
  }, PRODUCTS)
  expect(seen).toEqual([['Mug: 7.50', 'Lamp: 39.00'], '1 / 3'])
})

test('pages to both ends and no further', async () => {
  const seen = await page(async ({ load, mount }, products) => {
    const ProductTable = await load('src/components/ProductTable.vue')
    const table = mount(ProductTable, { props: { products, perPage: 2 } })
    const states = []
    for (const button of ['.next', '.next', '.next', '.previous', '.previous', '.previous']) {
      await table.get(button).trigger('click')
      const disabled = ['.previous', '.next'].map((name) => table.get(name).element.disabled)
      states.push([table.get('.page').text(), table.findAll('li').length, ...disabled])
    }
    return states
  }, PRODUCTS)
  expect(seen).toEqual([
    ['2 / 3', 2, false, false],
    ['3 / 3', 1, false, true],
    ['3 / 3', 1, false, true],
    ['2 / 3', 2, false, false],
    ['1 / 3', 2, true, false],
    ['1 / 3', 2, true, false],
  ])
})

test('sorts the other way, on the page where it is', async () => {
  const seen = await page(async ({ load, mount }, products) => {
    const ProductTable = await load('src/components/ProductTable.vue')
    const table = mount(ProductTable, { props: { products, perPage: 2 } })
    await table.get('.next').trigger('click')
    await table.get('.sort').trigger('click')
    return [table.get('.sort').text(), table.findAll('li').map((item) => item.text()), table.get('.page').text()]
  }, PRODUCTS)
  expect(seen).toEqual(['dearest first', ['Rug: 80.00', 'Lamp: 39.00'], '2 / 3'])
})

test('goes to the last page when pages vanish', async () => {
  const seen = await page(async ({ load, mount }, products) => {
    const ProductTable = await load('src/components/ProductTable.vue')
    const table = mount(ProductTable, { props: { products, perPage: 2 } })
    await table.get('.next').trigger('click')
    await table.get('.next').trigger('click')
    await table.setProps({ products: products.slice(0, 3) })
    const fewer = [table.get('.page').text(), table.findAll('li').map((item) => item.text())]
    await table.setProps({ products: [] })
    return [fewer, table.get('.page').text(), table.findAll('li').length]
  }, PRODUCTS)
  expect(seen).toEqual([['2 / 2', ['Chair: 120.00']], '1 / 1', 0])
})

test('leaves the list that it was given in its order', async () => {
  const seen = await page(async ({ load, mount }, products) => {
    const ProductTable = await load('src/components/ProductTable.vue')
    await mount(ProductTable, { props: { products, perPage: 2 } }).get('.sort').trigger('click')
    return products.map((product) => product.sku)
  }, PRODUCTS)
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('the composable pages any items', async () => {
  const seen = await page(async ({ load, vue }) => {
    const { usePagination } = await load('src/composables/usePagination.ts')
    const words = vue.ref(['one', 'two', 'three', 'four', 'five'])
    const { page, pages, visible, next, previous } = usePagination(() => words.value, 2)
    const states = []
    const note = () => states.push([page.value, pages.value, [...visible.value]])
    note()
    previous()
    next()
    next()
    next()
    note()
    words.value = ['one', 'two']
    await vue.nextTick()
    note()
    return states
  })
  expect(seen).toEqual([
    [1, 3, ['one', 'two']],
    [3, 3, ['five']],
    [1, 1, ['one', 'two']],
  ])
})
