export const STATUSES = ['todo', 'doing', 'done']

export function moved(cards, id, step) {
  return cards.map((card) => {
    if (card.id !== id) return card
    const place = STATUSES.indexOf(card.status) + step
    return { ...card, status: STATUSES[Math.min(Math.max(place, 0), STATUSES.length - 1)] }
  })
}
