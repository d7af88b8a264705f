import type { ComputedRef, Ref } from 'vue'
import type { ComponentProps } from 'vue-component-type-helpers'
import ProductTable from '@/components/ProductTable.vue'
import { usePagination } from '@/composables/usePagination'
import type { Product } from '@/types'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

const numbers = usePagination(() => [1, 2, 3], 2)
export const visible: Readonly<Ref<number[]>> = numbers.visible
export const page: Ref<number> = numbers.page
export const pages: Pick<ComputedRef<number>, 'value'> = numbers.pages
export const typed: Same<(typeof numbers.visible.value)[number], number> = true
export const products: Same<ComponentProps<typeof ProductTable>['products'], Product[]> = true
