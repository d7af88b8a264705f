import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

const CITIES = ['Berlin', 'Bern', 'Bergen', 'Lima', 'Lisbon']

test('waits until typing has settled', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const SearchBox = await load('src/components/SearchBox.vue')
    const box = mount(SearchBox, { props: { items } })
    const shown = () => box.findAll('li').map((item) => item.text())
    await box.get('input').setValue('li')
    const before = shown()
    await new Promise((resolve) => setTimeout(resolve, 120))
    return [before, shown(), box.get('.hint').text()]
  }, CITIES)
  expect(seen).toEqual([[], ['Berlin', 'Lima', 'Lisbon'], '3 of 5'])
})

test('shows nothing below the least length', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const SearchBox = await load('src/components/SearchBox.vue')
    const found = []
    for (const minLength of [undefined, 1]) {
      const box = mount(SearchBox, { props: { items, minLength } })
      await box.get('input').setValue(' g ')
      await new Promise((resolve) => setTimeout(resolve, 120))
      found.push([box.findAll('li').map((item) => item.text()), box.get('.hint').text()])
    }
    return found
  }, CITIES)
  expect(seen).toEqual([
    [[], '0 of 5'],
    [['Bergen'], '1 of 5'],
  ])
})

test('moves by keys, around both ends, and picks by Enter', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const SearchBox = await load('src/components/SearchBox.vue')
    const box = mount(SearchBox, { props: { items } })
    const input = box.get('input')
    await input.setValue('ber')
    await new Promise((resolve) => setTimeout(resolve, 120))
    const active = [box.get('.active').text()]
    for (const key of ['ArrowUp', 'ArrowDown', 'ArrowDown']) {
      await input.trigger('keydown', { key })
      active.push(box.get('.active').text())
    }
    await input.trigger('keydown', { key: 'Enter' })
    return [active, box.emitted('pick'), input.element.value, box.findAll('li').length]
  }, CITIES)
  expect(seen).toEqual([['Berlin', 'Bergen', 'Berlin', 'Bern'], [['Bern']], '', 0])
})

test('picks by a click, and nothing where nothing matches', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const SearchBox = await load('src/components/SearchBox.vue')
    const box = mount(SearchBox, { props: { items } })
    await box.get('input').trigger('keydown', { key: 'Enter' })
    await box.get('input').setValue('lis')
    await new Promise((resolve) => setTimeout(resolve, 120))
    await box.get('li').trigger('click')
    return box.emitted('pick')
  }, CITIES)
  expect(seen).toEqual([['Lisbon']])
})

test('begins at the first again when the matches change', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const SearchBox = await load('src/components/SearchBox.vue')
    const box = mount(SearchBox, { props: { items } })
    await box.get('input').setValue('ber')
    await new Promise((resolve) => setTimeout(resolve, 120))
    await box.get('input').trigger('keydown', { key: 'ArrowDown' })
    await box.setProps({ items: ['Oberhausen', 'Aberdeen'] })
    return box.get('.active').text()
  }, CITIES)
  expect(seen).toBe('Oberhausen')
})

test('is reset by its parent, and exposes nothing else', async () => {
  const seen = await page(async ({ load, mount, vue }, items) => {
    const SearchBox = await load('src/components/SearchBox.vue')
    const box = vue.ref()
    const parent = mount(() => vue.h(SearchBox, { items, ref: box }))
    await parent.get('input').setValue('ber')
    await new Promise((resolve) => setTimeout(resolve, 120))
    const before = parent.findAll('li').length
    box.value.reset()
    await vue.nextTick()
    return [before, parent.findAll('li').length, parent.get('input').element.value, typeof box.value.query]
  }, CITIES)
  expect(seen).toEqual([3, 0, '', 'undefined'])
})

test('stops its timer when it goes', async () => {
  const seen = await page(async ({ load, mount }, items) => {
    const SearchBox = await load('src/components/SearchBox.vue')
    const cleared = []
    const original = globalThis.clearTimeout
    globalThis.clearTimeout = (timer) => {
      if (timer !== undefined) cleared.push(timer)
      original(timer)
    }
    const box = mount(SearchBox, { props: { items } })
    await box.get('input').setValue('ber')
    const before = cleared.length
    box.unmount()
    const after = cleared.length
    globalThis.clearTimeout = original
    return after - before
  }, CITIES)
  expect(seen).toBe(1)
})
