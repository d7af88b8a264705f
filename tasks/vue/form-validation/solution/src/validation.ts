export interface SignupValues {
  name: string
  email: string
  password: string
  age: number | null
}

export type SignupErrors = Partial<Record<keyof SignupValues, string>>

export function validate(values: SignupValues): SignupErrors {
  const found: SignupErrors = {}
  const name = values.name.trim()
  if (name.length < 2) found.name = 'At least two letters'
  const at = values.email.indexOf('@')
  if (at < 1 || !values.email.slice(at).includes('.')) found.email = 'Not an address'
  if (values.password.length < 8) found.password = 'At least eight characters'
  else if (name && values.password.includes(name)) found.password = 'Not with your name in it'
  if (values.age !== null && (values.age < 13 || values.age > 120)) found.age = 'Between 13 and 120'
  return found
}
