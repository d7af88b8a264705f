import type { ComponentProps, ComponentSlots } from 'vue-component-type-helpers'
import PriceEditor from '@/components/PriceEditor.vue'

type Props = ComponentProps<typeof PriceEditor>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export const price: Same<Props['price'], number> = true
export const currency: Same<Props['currency'], string | undefined> = true
export const update: Same<Parameters<NonNullable<Props['onUpdate:price']>>[0], number> = true
export const history: Same<Parameters<NonNullable<Props['onHistory']>>[0], number[]> = true
type Note = NonNullable<ComponentSlots<typeof PriceEditor>['note']>
export const note: Same<Parameters<Note>[0]['price'], number> = true
