export type Status = 'todo' | 'doing' | 'done'

export interface Card {
  id: number
  title: string
  status: Status
}

export const STATUSES: readonly Status[] = ['todo', 'doing', 'done']

export function moved(cards: Card[], id: number, step: number): Card[] {
  return cards.map((card) => {
    if (card.id !== id) return card
    const place = STATUSES.indexOf(card.status) + step
    return { ...card, status: STATUSES[Math.min(Math.max(place, 0), STATUSES.length - 1)] }
  })
}
