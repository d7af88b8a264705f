import type { ComponentProps } from 'vue-component-type-helpers'
import UserBadge from '@/components/UserBadge.vue'

type Props = ComponentProps<typeof UserBadge>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export const role: Same<Props['user']['role'], 'admin' | 'editor' | 'guest'> = true
export const name: Same<Props['user']['name'], string> = true
export const email: Same<Props['user']['email'], string | undefined> = true
export const compact: Same<Props['compact'], boolean | undefined> = true
export const select: Same<Parameters<NonNullable<Props['onSelect']>>, [name: string]> = true
