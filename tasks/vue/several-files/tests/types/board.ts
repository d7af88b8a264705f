import type { ComponentProps } from 'vue-component-type-helpers'
import { moved, STATUSES, type Card, type Status } from '@/board'
import BoardColumn from '@/components/BoardColumn.vue'
import BoardView from '@/components/BoardView.vue'
import { useBoard } from '@/composables/useBoard'

type Column = ComponentProps<typeof BoardColumn>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export const status: Same<Status, 'todo' | 'doing' | 'done'> = true
export const card: Same<Card, { id: number; title: string; status: Status }> = true
export const statuses: Same<(typeof STATUSES)[number], Status> = true
export const rule: Same<ReturnType<typeof moved>, Card[]> = true
export const columns: Same<ReturnType<typeof useBoard>['columns']['value'], Record<Status, Card[]>> = true
export const cards: Same<Column['cards'], Card[]> = true
export const of: Same<Column['status'], Status> = true
export const move: Same<Parameters<NonNullable<Column['onMove']>>, [id: number, step: number]> = true
export const initial: Same<ComponentProps<typeof BoardView>['initial'], Card[]> = true
