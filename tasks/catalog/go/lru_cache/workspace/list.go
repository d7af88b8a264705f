package lru

import "time"

// entry is a link of a list.
type entry[K comparable, V any] struct {
	key        K
	value      V
	weight     int64
	born       time.Time
	prev, next *entry[K, V]
}

// list holds entries, the most recently used one first.
type list[K comparable, V any] struct {
	first, last *entry[K, V]
}

func (l *list[K, V]) pushFront(e *entry[K, V]) {
	e.prev, e.next = nil, l.first
	if l.first == nil {
		l.last = e
	} else {
		l.first.prev = e
	}
	l.first = e
}

func (l *list[K, V]) remove(e *entry[K, V]) {
	if e.prev == nil {
		l.first = e.next
	} else {
		e.prev.next = e.next
	}
	if e.next == nil {
		l.last = e.prev
	} else {
		e.next.prev = e.prev
	}
	e.prev, e.next = nil, nil
}

func (l *list[K, V]) moveToFront(e *entry[K, V]) {
	if l.first == e {
		return
	}
	e.prev.next = e.next
	if e.next != nil {
		e.next.prev = e.prev
	}
	l.pushFront(e)
}
