import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

test('shows the todo and whether it is done', async () => {
  const seen = await page(async ({ load, mount }) => {
    const TodoItem = await load('src/components/TodoItem.vue')
    return [true, false].map((done) => {
      const item = mount(TodoItem, { props: { todo: { id: 7, title: 'buy milk', done } } })
      return [item.get('label').text(), item.classes(), item.get('input').element.checked]
    })
  })
  expect(seen).toEqual([
    ['buy milk', ['todo', 'done'], true],
    ['buy milk', ['todo'], false],
  ])
})

test('asks to toggle and to remove', async () => {
  const seen = await page(async ({ load, mount }) => {
    const TodoItem = await load('src/components/TodoItem.vue')
    const item = mount(TodoItem, { props: { todo: { id: 7, title: 'buy milk', done: false } } })
    await item.get('input[type=checkbox]').trigger('change')
    await item.setProps({ todo: { id: 7, title: 'buy milk', done: true } })
    await item.get('input[type=checkbox]').trigger('change')
    await item.get('button').trigger('click')
    return [item.emitted('toggle'), item.emitted('remove')]
  })
  expect(seen).toEqual([[[7, true], [7, false]], [[7]]])
})

test('renames on Enter, trimmed and cut to the limit', async () => {
  const seen = await page(async ({ load, mount }) => {
    const TodoItem = await load('src/components/TodoItem.vue')
    const found = []
    for (const limit of [undefined, 6]) {
      const todo = { id: 3, title: 'buy milk', done: false }
      const item = mount(TodoItem, { props: { todo, limit }, attachTo: document.body })
      await item.get('label').trigger('dblclick')
      await new Promise((resolve) => setTimeout(resolve))
      const draft = item.get('.draft')
      const before = [draft.element.value, document.activeElement === draft.element]
      await draft.setValue('  buy oat milk ')
      await draft.trigger('keydown', { key: 'Enter' })
      found.push([before, item.emitted('rename'), item.find('.draft').exists()])
    }
    return found
  })
  expect(seen).toEqual([
    [['buy milk', true], [[3, 'buy oat milk']], false],
    [['buy milk', true], [[3, 'buy oa']], false],
  ])
})

test('keeps the title on Escape, and where it is empty or the same', async () => {
  const seen = await page(async ({ load, mount }) => {
    const TodoItem = await load('src/components/TodoItem.vue')
    const item = mount(TodoItem, { props: { todo: { id: 3, title: 'buy milk', done: false } } })
    const texts = []
    for (const [value, key] of [['else', 'Escape'], ['   ', 'Enter'], ['buy milk', 'Enter']]) {
      await item.get('label').trigger('dblclick')
      await item.get('.draft').setValue(value)
      await item.get('.draft').trigger('keydown', { key })
      texts.push(item.get('label').text())
    }
    return [texts, item.emitted('rename') ?? 'never']
  })
  expect(seen).toEqual([['buy milk', 'buy milk', 'buy milk'], 'never'])
})

test('lets nothing be changed where it is read-only', async () => {
  const seen = await page(async ({ load, mount }) => {
    const TodoItem = await load('src/components/TodoItem.vue')
    const item = mount(TodoItem, { props: { todo: { id: 3, title: 'buy milk', done: false }, readonly: true } })
    await item.get('label').trigger('dblclick')
    return [item.get('input').element.disabled, item.find('.draft').exists(), item.find('button').exists()]
  })
  expect(seen).toEqual([true, false, false])
})
