import type { ComponentExposed, ComponentProps } from 'vue-component-type-helpers'
import SearchBox from '@/components/SearchBox.vue'

type Props = ComponentProps<typeof SearchBox>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export const items: Same<Props['items'], string[]> = true
export const minLength: Same<Props['minLength'], number | undefined> = true
export const pick: Same<Parameters<NonNullable<Props['onPick']>>[0], string> = true
export const reset: Same<ComponentExposed<typeof SearchBox>['reset'], () => void> = true
