import type { ComponentProps } from 'vue-component-type-helpers'
import SignupForm from '@/components/SignupForm.vue'
import { validate, type SignupErrors, type SignupValues } from '@/validation'

type Props = ComponentProps<typeof SignupForm>
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export const age: Same<SignupValues['age'], number | null> = true
export const keys: Same<keyof SignupErrors, keyof SignupValues> = true
export const message: Same<SignupErrors['email'], string | undefined> = true
export const rules: Same<ReturnType<typeof validate>, SignupErrors> = true
export const save: Same<Parameters<Props['save']>[0], SignupValues> = true
export const answer: Same<Awaited<ReturnType<Props['save']>>, string> = true
export const done: Same<Parameters<NonNullable<Props['onDone']>>[0], SignupValues> = true
