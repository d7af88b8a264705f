import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

const GOOD = { name: 'Ada', email: 'ada@example.org', password: 'engine no. 1', age: '36' }

test('shows no error before a field was touched', async () => {
  const seen = await page(async ({ load, mount }) => {
    const SignupForm = await load('src/components/SignupForm.vue')
    const form = mount(SignupForm, { props: { save: async () => '' } })
    const none = form.findAll('.error').length
    await form.get('[name=email]').trigger('blur')
    const labels = form.findAll('label').map((label) => [label.text().split(/\s+/)[0], label.find('.error').exists()])
    return [none, labels, form.get('[name=email]').attributes('aria-invalid')]
  })
  const labels = [['Name', false], ['Email', true], ['Password', false], ['Age', false]]
  expect(seen).toEqual([0, labels, 'true'])
})

test('names every error, and saves nothing, when it is sent too early', async () => {
  const seen = await page(async ({ load, mount, flushPromises }) => {
    const SignupForm = await load('src/components/SignupForm.vue')
    let saved = 0
    const save = async () => ((saved += 1), '')
    const form = mount(SignupForm, { props: { save } })
    await form.get('[name=age]').setValue('12')
    await form.get('form').trigger('submit')
    await flushPromises()
    return [form.findAll('.error').map((error) => error.text()), saved, form.emitted('done') ?? 'never']
  })
  const errors = ['At least two letters', 'Not an address', 'At least eight characters', 'Between 13 and 120']
  expect(seen).toEqual([errors, 0, 'never'])
})

test('saves good values and says so', async () => {
  const seen = await page(async ({ load, mount, flushPromises }, good) => {
    const SignupForm = await load('src/components/SignupForm.vue')
    const saved = []
    const save = async (values) => (saved.push(values), '')
    const form = mount(SignupForm, { props: { save } })
    for (const [name, value] of Object.entries(good)) await form.get(`[name=${name}]`).setValue(value)
    await form.get('form').trigger('submit')
    await flushPromises()
    return [saved, form.emitted('done'), form.findAll('.error').length]
  }, GOOD)
  const values = { ...GOOD, age: 36 }
  expect(seen).toEqual([[values], [[values]], 0])
})

test('takes no age for an age that was emptied', async () => {
  const seen = await page(async ({ load, mount, flushPromises }, good) => {
    const SignupForm = await load('src/components/SignupForm.vue')
    const saved = []
    const save = async (values) => (saved.push(values.age), '')
    const form = mount(SignupForm, { props: { save } })
    for (const [name, value] of Object.entries(good)) await form.get(`[name=${name}]`).setValue(value)
    await form.get('[name=age]').setValue('')
    await form.get('form').trigger('submit')
    await flushPromises()
    return saved
  }, GOOD)
  expect(seen).toEqual([null])
})

test('shows what the server refuses, until something changes', async () => {
  const seen = await page(async ({ load, mount, flushPromises }, good) => {
    const SignupForm = await load('src/components/SignupForm.vue')
    const form = mount(SignupForm, { props: { save: async () => 'This address is taken' } })
    for (const [name, value] of Object.entries(good)) await form.get(`[name=${name}]`).setValue(value)
    await form.get('form').trigger('submit')
    await flushPromises()
    const refused = form.get('.refusal').text()
    await form.get('[name=email]').setValue('ada@example.com')
    return [refused, form.find('.refusal').exists(), form.emitted('done') ?? 'never']
  }, GOOD)
  expect(seen).toEqual(['This address is taken', false, 'never'])
})

test('saves once, however often it is sent meanwhile', async () => {
  const seen = await page(async ({ load, mount, flushPromises }, good) => {
    const SignupForm = await load('src/components/SignupForm.vue')
    const waiting = []
    const save = () => new Promise((resolve) => waiting.push(resolve))
    const form = mount(SignupForm, { props: { save } })
    for (const [name, value] of Object.entries(good)) await form.get(`[name=${name}]`).setValue(value)
    await form.get('form').trigger('submit')
    const button = [form.get('button').text(), form.get('button').element.disabled]
    await form.get('form').trigger('submit')
    const asked = waiting.length
    waiting[0]('')
    await flushPromises()
    return [button, asked, form.get('button').text(), form.emitted('done').length]
  }, GOOD)
  expect(seen).toEqual([['Saving …', true], 1, 'Sign up', 1])
})

test('the rules stand by themselves', async () => {
  const seen = await page(async ({ load }) => {
    const { validate } = await load('src/validation.ts')
    const good = { name: 'Ada', email: 'a@b.c', password: 'engine no. 1', age: null }
    const changes = [{}, { age: 121 }, { age: 13 }, { email: '@b.c' }, { email: 'a.c@b' }, { password: 'my Ada 1815' }, { name: ' A ' }]
    return changes.map((change) => validate({ ...good, ...change }))
  })
  expect(seen).toEqual([
    {},
    { age: 'Between 13 and 120' },
    {},
    { email: 'Not an address' },
    { email: 'Not an address' },
    { password: 'Not with your name in it' },
    { name: 'At least two letters' },
  ])
})
