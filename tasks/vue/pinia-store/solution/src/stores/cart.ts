import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Product } from '@/types'

export interface CartLine {
  sku: string
  title: string
  price: number
  quantity: number
}

const COUPONS: ReadonlyMap<string, number> = new Map([
  ['SPRING', 0.1],
  ['HALF', 0.5],
])

export const useCartStore = defineStore('cart', () => {
  const lines = ref<CartLine[]>([])
  const coupon = ref('')

  const count = computed(() => lines.value.reduce((sum, line) => sum + line.quantity, 0))
  const total = computed(() => {
    const sum = lines.value.reduce((all, line) => all + line.price * line.quantity, 0)
    return Math.round(sum * (1 - (COUPONS.get(coupon.value) ?? 0)) * 100) / 100
  })

  function add(product: Product): void {
    const line = lines.value.find((one) => one.sku === product.sku)
    if (line) line.quantity++
    else lines.value.push({ ...product, quantity: 1 })
  }

  function setQuantity(sku: string, quantity: number): void {
    if (quantity <= 0) lines.value = lines.value.filter((line) => line.sku !== sku)
    else for (const line of lines.value) if (line.sku === sku) line.quantity = quantity
  }

  function applyCoupon(code: string): boolean {
    const known = COUPONS.has(code)
    if (known) coupon.value = code
    return known
  }

  function clear(): void {
    lines.value = []
    coupon.value = ''
  }

  return { lines, coupon, count, total, add, setQuantity, applyCoupon, clear }
})
