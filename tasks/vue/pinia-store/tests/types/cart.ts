import type { ComponentProps } from 'vue-component-type-helpers'
import CartPanel from '@/components/CartPanel.vue'
import { useCartStore, type CartLine } from '@/stores/cart'
import type { Product } from '@/types'

type Store = ReturnType<typeof useCartStore>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export const line: CartLine = { sku: 'a', title: 'b', price: 1, quantity: 2 }
export const quantity: Same<CartLine['quantity'], number> = true
export const lines: Same<Store['lines'][number]['price'], number> = true
export const count: Same<Store['count'], number> = true
export const total: Same<Store['total'], number> = true
export const coupon: Same<Store['coupon'], string> = true
export const add: Same<Parameters<Store['add']>[0], Product> = true
export const apply: Same<ReturnType<Store['applyCoupon']>, boolean> = true
export const products: Same<ComponentProps<typeof CartPanel>['products'], Product[]> = true
