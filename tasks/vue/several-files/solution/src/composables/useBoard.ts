import { computed, ref, type ComputedRef } from 'vue'
import { moved, type Card, type Status } from '@/board'

export interface Board {
  columns: ComputedRef<Record<Status, Card[]>>
  add: (title: string) => void
  move: (id: number, step: number) => void
  remove: (id: number) => void
}

export function useBoard(initial: Card[]): Board {
  const cards = ref<Card[]>([...initial])

  const having = (status: Status): Card[] => cards.value.filter((card) => card.status === status)
  const columns = computed(() => ({ todo: having('todo'), doing: having('doing'), done: having('done') }))

  function add(title: string): void {
    const trimmed = title.trim()
    if (!trimmed) return
    const id = Math.max(0, ...cards.value.map((card) => card.id)) + 1
    cards.value = [...cards.value, { id, title: trimmed, status: 'todo' }]
  }

  function move(id: number, step: number): void {
    cards.value = moved(cards.value, id, step)
  }

  function remove(id: number): void {
    cards.value = cards.value.filter((card) => card.id !== id)
  }

  return { columns, add, move, remove }
}
