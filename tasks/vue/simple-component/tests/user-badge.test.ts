import { expect, test } from 'vitest'
import { page } from 'llmbench/page'

test('shows initials, name, role and email', async () => {
  const seen = await page(async ({ load, mount }) => {
    const UserBadge = await load('src/components/UserBadge.vue')
    const user = { name: 'Grace Brewster Hopper', role: 'editor', email: 'grace@navy.example' }
    const badge = mount(UserBadge, { props: { user } })
    return badge.findAll('span, strong, em, small').map((part) => [part.classes()[0], part.text()])
  })
  expect(seen).toEqual([
    ['initials', 'GBH'],
    ['name', 'Grace Brewster Hopper'],
    ['role', 'Editor'],
    ['email', 'grace@navy.example'],
  ])
})

test('leaves out an email that there is not', async () => {
  const seen = await page(async ({ load, mount }) => {
    const UserBadge = await load('src/components/UserBadge.vue')
    const roles = ['admin', 'guest']
    return roles.map((role) => mount(UserBadge, { props: { user: { name: 'Alan Turing', role } } }).text())
  })
  expect(seen).toEqual(['ATAlan TuringAdministrator', 'ATAlan TuringGuest'])
})

test('shows the initials alone where it is compact', async () => {
  const seen = await page(async ({ load, mount }) => {
    const UserBadge = await load('src/components/UserBadge.vue')
    const badge = mount(UserBadge, { props: { user: { name: 'Alan Turing', role: 'guest' }, compact: true } })
    const before = [badge.text(), badge.classes()]
    await badge.setProps({ compact: false })
    return [before, [badge.text(), badge.classes()]]
  })
  expect(seen).toEqual([
    ['AT', ['badge', 'compact']],
    ['ATAlan TuringGuest', ['badge']],
  ])
})

test('follows its user', async () => {
  const seen = await page(async ({ load, mount }) => {
    const UserBadge = await load('src/components/UserBadge.vue')
    const badge = mount(UserBadge, { props: { user: { name: 'alan turing', role: 'guest' } } })
    await badge.setProps({ user: { name: 'barbara liskov', role: 'guest' } })
    return badge.get('.initials').text()
  })
  expect(seen).toBe('BL')
})

test('says whom a click selects, and follows no link', async () => {
  const seen = await page(async ({ load, mount }) => {
    const UserBadge = await load('src/components/UserBadge.vue')
    const badge = mount(UserBadge, { props: { user: { name: 'Alan Turing', role: 'guest' } } })
    const click = new MouseEvent('click', { bubbles: true, cancelable: true })
    badge.element.dispatchEvent(click)
    return { events: badge.emitted('select'), prevented: click.defaultPrevented }
  })
  expect(seen).toEqual({ events: [['Alan Turing']], prevented: true })
})
