import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

const CARDS = [
  { id: 1, title: 'plan', status: 'done' },
  { id: 4, title: 'build', status: 'doing' },
  { id: 2, title: 'ship', status: 'todo' },
]

test('sorts the cards into columns', async () => {
  const seen = await page(async ({ load, mount }, initial) => {
    const BoardView = await load('src/components/BoardView.vue')
    const columns = mount(BoardView, { props: { initial } }).findAll('.column')
    return columns.map((column) => [
      column.attributes('data-status'),
      column.get('h2').text(),
      column.findAll('article span').map((title) => title.text()),
    ])
  }, CARDS)
  expect(seen).toEqual([
    ['todo', 'todo (1)', ['ship']],
    ['doing', 'doing (1)', ['build']],
    ['done', 'done (1)', ['plan']],
  ])
})

test('offers what each column allows', async () => {
  const seen = await page(async ({ load, mount }, initial) => {
    const BoardView = await load('src/components/BoardView.vue')
    const columns = mount(BoardView, { props: { initial } }).findAll('.column')
    return columns.map((column) => column.findAll('button').map((button) => button.classes()[0]))
  }, CARDS)
  expect(seen).toEqual([['on'], ['back', 'on'], ['back', 'remove']])
})

test('moves cards on and back, and removes them', async () => {
  const seen = await page(async ({ load, mount }, initial) => {
    const BoardView = await load('src/components/BoardView.vue')
    const board = mount(BoardView, { props: { initial } })
    const heads = []
    for (const button of ['[data-status=todo] .on', '[data-status=doing] .on', '[data-status=done] .back', '.remove']) {
      await board.get(button).trigger('click')
      heads.push(board.findAll('h2').map((head) => head.text()).join(' '))
    }
    return [heads, initial.map((card) => card.status)]
  }, CARDS)
  expect(seen).toEqual([
    ['todo (0) doing (2) done (1)', 'todo (0) doing (1) done (2)', 'todo (0) doing (2) done (1)', 'todo (0) doing (2) done (0)'],
    ['done', 'doing', 'todo'],
  ])
})

test('adds a card with a new number, and none without a title', async () => {
  const seen = await page(async ({ load, mount }, initial) => {
    const BoardView = await load('src/components/BoardView.vue')
    const board = mount(BoardView, { props: { initial } })
    const counts = []
    for (const title of ['  ', ' rest ', 'sleep']) {
      await board.get('input').setValue(title)
      await board.get('form').trigger('submit')
      counts.push(board.findAll('[data-status=todo] article').length)
    }
    await board.findAll('[data-status=todo] .on')[1].trigger('click')
    const columns = ['todo', 'doing'].map((status) =>
      board.findAll(`[data-status=${status}] article span`).map((title) => title.text()),
    )
    return [counts, board.get('input').element.value, columns]
  }, CARDS)
  expect(seen).toEqual([[1, 2, 3], '', [['ship', 'sleep'], ['build', 'rest']]])
})

test('a column by itself tells what is clicked', async () => {
  const seen = await page(async ({ load, mount }) => {
    const BoardColumn = await load('src/components/BoardColumn.vue')
    const found = ['doing', 'done'].map(async (status) => {
      const column = mount(BoardColumn, { props: { status, cards: [{ id: 9, title: 'x', status }] } })
      for (const button of column.findAll('button')) await button.trigger('click')
      return [column.emitted('move'), column.emitted('remove') ?? []]
    })
    return Promise.all(found)
  })
  expect(seen).toEqual([
    [[[9, -1], [9, 1]], []],
    [[[9, -1]], [[9]]],
  ])
})

test('the rules stand by themselves', async () => {
  const seen = await page(async ({ load }, cards) => {
    const { moved, STATUSES } = await load('src/board.ts')
    return [[...STATUSES], moved(cards, 1, 1)[0].status, moved(cards, 2, 5)[2].status, moved(cards, 7, 1)]
  }, CARDS)
  expect(seen).toEqual([['todo', 'doing', 'done'], 'done', 'done', CARDS])
})

test('the composable holds the board', async () => {
  const seen = await page(async ({ load }, cards) => {
    const { useBoard } = await load('src/composables/useBoard.ts')
    const { columns, add, move, remove } = useBoard(cards)
    add(' rest ')
    move(2, 1)
    remove(1)
    return JSON.parse(JSON.stringify(columns.value))
  }, CARDS)
  expect(seen).toEqual({
    todo: [{ id: 5, title: 'rest', status: 'todo' }],
    doing: [CARDS[1], { ...CARDS[2], status: 'doing' }],
    done: [],
  })
})
