import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

const CITIES = [
  { id: 'ber', name: 'Berlin' },
  { id: 'lim', name: 'Lima' },
  { id: 'lis', name: 'Lisbon' },
]

test('lists the labels and marks what is chosen', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const PickList = await load('src/components/PickList.vue')
    const list = mount(PickList, { props: { items, label: (item) => item.name, modelValue: [items[1]] } })
    return list.findAll('li').map((item) => [item.text(), item.attributes('aria-selected')])
  }, CITIES)
  expect(seen).toEqual([['Berlin', 'false'], ['Lima', 'true'], ['Lisbon', 'false']])
})

test('chooses one, another instead, and none', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const PickList = await load('src/components/PickList.vue')
    const list = mount(PickList, {
      props: {
        items,
        label: (item) => item.name,
        modelValue: [],
        'onUpdate:modelValue': (modelValue) => list.setProps({ modelValue }),
      },
    })
    for (const index of [0, 2, 2]) await list.findAll('li')[index].trigger('click')
    return list.emitted('update:modelValue').map(([chosen]) => chosen.map((item) => item.id))
  }, CITIES)
  expect(seen).toEqual([['ber'], ['lis'], []])
})

test('chooses several, and says when all are', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const PickList = await load('src/components/PickList.vue')
    const list = mount(PickList, {
      props: {
        items,
        label: (item) => item.name,
        multiple: true,
        modelValue: [],
        'onUpdate:modelValue': (modelValue) => list.setProps({ modelValue }),
      },
    })
    for (const index of [1, 0, 1, 1, 2]) await list.findAll('li')[index].trigger('click')
    return [list.emitted('update:modelValue').map(([chosen]) => chosen.map((item) => item.id)), list.emitted('full')]
  }, CITIES)
  expect(seen).toEqual([
    [['lim'], ['lim', 'ber'], ['ber'], ['ber', 'lim'], ['ber', 'lim', 'lis']],
    [[3]],
  ])
})

test('works without a model', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const PickList = await load('src/components/PickList.vue')
    const list = mount(PickList, { props: { items, label: (item) => item.name } })
    await list.findAll('li')[1].trigger('click')
    return list.emitted('update:modelValue').map(([chosen]) => chosen.map((item) => item.id))
  }, CITIES)
  expect(seen).toEqual([['lim']])
})

test('filters by the label', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const PickList = await load('src/components/PickList.vue')
    const list = mount(PickList, { props: { items, label: (item) => `${item.name}!`, modelValue: [] } })
    const found = []
    for (const text of [' LI ', 'a!', 'x']) {
      await list.get('input').setValue(text)
      const empty = list.find('.empty')
      found.push([list.findAll('li').map((item) => item.text()), empty.exists() ? empty.text() : ''])
    }
    return found
  }, CITIES)
  expect(seen).toEqual([
    [['Berlin!', 'Lima!', 'Lisbon!'], ''],
    [['Lima!'], ''],
    [[], 'Nothing fits “x”'],
  ])
})

test('lets its parent show the items', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const PickList = await load('src/components/PickList.vue')
    const item = ({ item, chosen }) => `${item.id}${chosen ? ' ✓' : ''}`
    const props = { items, label: (one) => one.name, modelValue: [items[0]] }
    const list = mount(PickList, { props, slots: { item } })
    return list.findAll('li').map((one) => one.text())
  }, CITIES)
  expect(seen).toEqual(['ber ✓', 'lim', 'lis'])
})
