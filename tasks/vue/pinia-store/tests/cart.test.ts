import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

const PRODUCTS = [
  { sku: 'mug', title: 'Mug', price: 7.5 },
  { sku: 'pen', title: 'Pen', price: 1.99 },
]

test('adds products, and adds up', async () => {
  const seen = await page(async ({ load, mount, pinia }, products) => {
    const CartPanel = await load('src/components/CartPanel.vue')
    const panel = mount(CartPanel, { props: { products }, global: { plugins: [pinia.createPinia()] } })
    const [mug, pen] = panel.findAll('.add')
    for (const button of [mug, pen, mug]) await button.trigger('click')
    const lines = panel.findAll('li').map((line) => line.text().split(/\s+/))
    return [lines, panel.get('.total').text()]
  }, PRODUCTS)
  const lines = [['2', '×', 'Mug', '−'], ['1', '×', 'Pen', '−']]
  expect(seen).toEqual([lines, '3 items: 16.99'])
})

test('takes away, down to nothing', async () => {
  const seen = await page(async ({ load, mount, pinia }, products) => {
    const CartPanel = await load('src/components/CartPanel.vue')
    const panel = mount(CartPanel, { props: { products }, global: { plugins: [pinia.createPinia()] } })
    const texts = []
    for (const button of ['.add', '.add', '.less', '.less']) {
      await panel.get(button).trigger('click')
      texts.push(panel.get('.total').text())
    }
    return [texts, panel.findAll('li').length, panel.find('.clear').exists()]
  }, PRODUCTS)
  expect(seen).toEqual([['1 items: 7.50', '2 items: 15.00', '1 items: 7.50', '0 items: 0.00'], 0, false])
})

test('takes a coupon that there is, and refuses others', async () => {
  const seen = await page(async ({ load, mount, pinia }, products) => {
    const CartPanel = await load('src/components/CartPanel.vue')
    const panel = mount(CartPanel, { props: { products }, global: { plugins: [pinia.createPinia()] } })
    await panel.get('.add').trigger('click')
    const states = []
    for (const code of ['FREE', 'SPRING', 'HALF']) {
      await panel.get('input').setValue(code)
      await panel.get('form').trigger('submit')
      states.push([panel.find('.refused').exists(), panel.get('.total').text()])
    }
    return states
  }, PRODUCTS)
  expect(seen).toEqual([
    [true, '1 items: 7.50'],
    [false, '1 items: 6.75'],
    [false, '1 items: 3.75'],
  ])
})

test('clears all, the coupon too', async () => {
  const seen = await page(async ({ load, mount, pinia }, products) => {
    const CartPanel = await load('src/components/CartPanel.vue')
    const panel = mount(CartPanel, { props: { products }, global: { plugins: [pinia.createPinia()] } })
    await panel.get('.add').trigger('click')
    await panel.get('input').setValue('HALF')
    await panel.get('form').trigger('submit')
    await panel.get('.clear').trigger('click')
    const empty = panel.get('.total').text()
    await panel.get('.add').trigger('click')
    return [empty, panel.get('.total').text()]
  }, PRODUCTS)
  expect(seen).toEqual(['0 items: 0.00', '1 items: 7.50'])
})

test('the store serves two components at once', async () => {
  const seen = await page(async ({ load, mount, pinia }, products) => {
    const CartPanel = await load('src/components/CartPanel.vue')
    const { useCartStore } = await load('src/stores/cart.ts')
    const plugins = [pinia.createPinia()]
    const [one, other] = [1, 2].map(() => mount(CartPanel, { props: { products }, global: { plugins } }))
    await one.findAll('.add')[1].trigger('click')
    const cart = useCartStore(plugins[0])
    return [other.get('.total').text(), cart.$id, JSON.parse(JSON.stringify(cart.lines))]
  }, PRODUCTS)
  expect(seen).toEqual(['1 items: 1.99', 'cart', [{ sku: 'pen', title: 'Pen', price: 1.99, quantity: 1 }]])
})

test('the store works without any component', async () => {
  const seen = await page(async ({ load, pinia }, products) => {
    const { useCartStore } = await load('src/stores/cart.ts')
    const cart = useCartStore(pinia.createPinia())
    products.forEach((product) => cart.add(product))
    cart.setQuantity('pen', 3)
    const before = [cart.count, cart.total, cart.applyCoupon('NO'), cart.applyCoupon('SPRING'), cart.total, cart.coupon]
    cart.setQuantity('mug', 0)
    cart.clear()
    return [before, cart.lines.length, cart.coupon]
  }, PRODUCTS)
  expect(seen).toEqual([[4, 13.47, false, true, 12.12, 'SPRING'], 0, ''])
})
