import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

test('shows the price with its currency', async () => {
  const seen = await page(async ({ load, mount }) => {
    const PriceEditor = await load('src/components/PriceEditor.vue')
    return [undefined, 'USD'].map((currency) => mount(PriceEditor, { props: { price: 3.5, currency } }).text())
  })
  expect(seen).toEqual(['3.50 EUR', '3.50 USD'])
})

test('tells its parent of a new price, and of none that is no price', async () => {
  const seen = await page(async ({ load, mount }) => {
    const PriceEditor = await load('src/components/PriceEditor.vue')
    const editor = mount(PriceEditor, { props: { price: 3.5 } })
    for (const value of ['4', 'four', '-1', '4.25']) await editor.get('input').setValue(value)
    return [editor.emitted('update:price'), editor.emitted('history')]
  })
  expect(seen).toEqual([
    [[4], [4.25]],
    [[[3.5, 4]], [[3.5, 4, 4.25]]],
  ])
})

test('works with v-model:price', async () => {
  const seen = await page(async ({ load, mount, vue }) => {
    const PriceEditor = await load('src/components/PriceEditor.vue')
    const price = vue.ref(1)
    const update = (value) => (price.value = value)
    const parent = mount(() => vue.h(PriceEditor, { price: price.value, 'onUpdate:price': update }))
    await parent.get('input').setValue('2')
    const after = [price.value, parent.get('output').text()]
    price.value = 9
    await vue.nextTick()
    return [after, parent.get('output').text(), parent.get('input').element.value]
  })
  expect(seen).toEqual([[2, '2.00 EUR'], '9.00 EUR', '9'])
})

test('hands attributes and listeners to the input', async () => {
  const seen = await page(async ({ load, mount }) => {
    const PriceEditor = await load('src/components/PriceEditor.vue')
    let focused = 0
    const attrs = { placeholder: 'price', 'data-id': '7', onFocus: () => (focused += 1) }
    const editor = mount(PriceEditor, { props: { price: 1 }, attrs })
    await editor.get('input').trigger('focus')
    const names = ['placeholder', 'data-id']
    const of = (part) => names.map((name) => editor.get(part).attributes(name) ?? null)
    return [of('input'), of('.price'), focused]
  })
  expect(seen).toEqual([['price', '7'], [null, null], 1])
})

test('fills the note, and leaves it out where there is none', async () => {
  const seen = await page(async ({ load, mount }) => {
    const PriceEditor = await load('src/components/PriceEditor.vue')
    const note = ({ price }) => `costs ${price}`
    const editor = mount(PriceEditor, { props: { price: 5 }, slots: { note } })
    const first = editor.get('.note').text()
    await editor.setProps({ price: 6 })
    return [first, editor.get('.note').text(), mount(PriceEditor, { props: { price: 5 } }).find('.note').exists()]
  })
  expect(seen).toEqual(['costs 5', 'costs 6', false])
})

test('goes back on Escape, as far as there is a past', async () => {
  const seen = await page(async ({ load, mount }) => {
    const PriceEditor = await load('src/components/PriceEditor.vue')
    const editor = mount(PriceEditor, { props: { price: 1 } })
    await editor.get('input').setValue('2')
    await editor.get('input').setValue('3')
    for (const key of ['Enter', 'Escape', 'Escape', 'Escape']) window.dispatchEvent(new KeyboardEvent('keydown', { key }))
    await editor.get('input').setValue('8')
    return [editor.emitted('update:price'), editor.emitted('history').at(-1)]
  })
  expect(seen).toEqual([[[2], [3], [2], [1], [8]], [[1, 8]]])
})

test('listens no more when it is gone', async () => {
  const seen = await page(async ({ load, mount }) => {
    const PriceEditor = await load('src/components/PriceEditor.vue')
    const heard = []
    const targets = [window, document]
    const counts = targets.map((target) => {
      const [on, off] = [target.addEventListener.bind(target), target.removeEventListener.bind(target)]
      target.addEventListener = (name, ...rest) => (name === 'keydown' && heard.push(1), on(name, ...rest))
      target.removeEventListener = (name, ...rest) => (name === 'keydown' && heard.push(-1), off(name, ...rest))
      return [on, off]
    })
    mount(PriceEditor, { props: { price: 1 } }).unmount()
    targets.forEach((target, index) => ([target.addEventListener, target.removeEventListener] = counts[index]))
    return heard
  })
  expect(seen).toEqual([1, -1])
})
