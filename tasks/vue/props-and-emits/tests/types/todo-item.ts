import type { ComponentProps } from 'vue-component-type-helpers'
import TodoItem from '@/components/TodoItem.vue'
import type { Todo } from '@/types'

type Props = ComponentProps<typeof TodoItem>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Arguments<K extends keyof Props> = Parameters<Extract<Props[K], (...all: never[]) => unknown>>

export const todo: Same<Props['todo'], Todo> = true
export const readonly: Same<Props['readonly'], boolean | undefined> = true
export const limit: Same<Props['limit'], number | undefined> = true
export const toggle: Same<Arguments<'onToggle'>, [id: number, done: boolean]> = true
export const rename: Same<Arguments<'onRename'>, [id: number, title: string]> = true
export const remove: Same<Arguments<'onRemove'>, [id: number]> = true
