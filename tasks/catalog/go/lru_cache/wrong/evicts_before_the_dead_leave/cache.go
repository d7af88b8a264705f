// Package lru is a cache that drops what is old or has not been used for the longest time.
package lru

import (
	"sync"
	"time"
)

// Reason says why an entry has left the cache.
type Reason int

// Why entries leave.
const (
	Replaced Reason = iota
	Expired
	Evicted
	Removed
)

// Options is what a cache is made from.
type Options[K comparable, V any] struct {
	Capacity int64
	Lifetime time.Duration
	Now      func() time.Time
	OnDrop   func(key K, value V, reason Reason)
}

// Cache holds entries up to a sum of weights.
type Cache[K comparable, V any] struct {
	options Options[K, V]

	mu      sync.Mutex
	entries map[K]*entry[K, V]
	recent  list[K, V]
	weight  int64
}

type drop[K comparable, V any] struct {
	entry  *entry[K, V]
	reason Reason
}

// New returns an empty cache.
func New[K comparable, V any](options Options[K, V]) *Cache[K, V] {
	return &Cache[K, V]{options: options, entries: map[K]*entry[K, V]{}}
}

// Put stores an entry, if it can fit at all.
func (c *Cache[K, V]) Put(key K, value V, weight int64) bool {
	if weight < 0 || weight > c.options.Capacity {
		return false
	}
	c.mu.Lock()
	now := c.options.Now()
	var dropped []drop[K, V]
	if old, ok := c.entries[key]; ok {
		dropped = append(dropped, c.drop(old, now, Replaced))
	}
	for c.weight > c.options.Capacity-weight {
		dropped = append(dropped, c.drop(c.recent.last, now, Evicted))
	}
	dropped = append(dropped, c.dropDead(now)...)
	added := &entry[K, V]{key: key, value: value, weight: weight, born: now}
	c.entries[key] = added
	c.recent.pushFront(added)
	c.weight += weight
	c.mu.Unlock()
	c.tell(dropped)
	return true
}

// Get returns a value and counts as a use.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	var zero V
	c.mu.Lock()
	found, ok := c.entries[key]
	if !ok {
		c.mu.Unlock()
		return zero, false
	}
	if now := c.options.Now(); c.dead(found, now) {
		dropped := c.drop(found, now, Expired)
		c.mu.Unlock()
		c.tell([]drop[K, V]{dropped})
		return zero, false
	}
	c.recent.moveToFront(found)
	value := found.value
	c.mu.Unlock()
	return value, true
}

// Peek returns a value and counts as nothing.
func (c *Cache[K, V]) Peek(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := c.entries[key]; ok && !c.dead(found, c.options.Now()) {
		return found.value, true
	}
	var zero V
	return zero, false
}

// Remove drops an entry, and says whether there was one.
func (c *Cache[K, V]) Remove(key K) bool {
	c.mu.Lock()
	found, ok := c.entries[key]
	if !ok {
		c.mu.Unlock()
		return false
	}
	dropped := c.drop(found, c.options.Now(), Removed)
	c.mu.Unlock()
	c.tell([]drop[K, V]{dropped})
	return dropped.reason == Removed
}

// Len returns the number of live entries.
func (c *Cache[K, V]) Len() int {
	return len(c.Keys())
}

// Weight returns the sum of the live entries' weights.
func (c *Cache[K, V]) Weight() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	sum := int64(0)
	now := c.options.Now()
	for e := c.recent.first; e != nil; e = e.next {
		if !c.dead(e, now) {
			sum += e.weight
		}
	}
	return sum
}

// Keys returns the live entries' keys, the most recently used first.
func (c *Cache[K, V]) Keys() []K {
	c.mu.Lock()
	defer c.mu.Unlock()
	var keys []K
	now := c.options.Now()
	for e := c.recent.first; e != nil; e = e.next {
		if !c.dead(e, now) {
			keys = append(keys, e.key)
		}
	}
	return keys
}

func (c *Cache[K, V]) dead(e *entry[K, V], now time.Time) bool {
	return c.options.Lifetime > 0 && now.Sub(e.born) >= c.options.Lifetime
}

func (c *Cache[K, V]) dropDead(now time.Time) []drop[K, V] {
	if c.options.Lifetime == 0 {
		return nil
	}
	var dropped []drop[K, V]
	for e := c.recent.last; e != nil; {
		previous := e.prev
		if c.dead(e, now) {
			dropped = append(dropped, c.drop(e, now, Expired))
		}
		e = previous
	}
	return dropped
}

// drop takes an entry out of the cache; a dead one is always Expired.
func (c *Cache[K, V]) drop(e *entry[K, V], now time.Time, reason Reason) drop[K, V] {
	delete(c.entries, e.key)
	c.recent.remove(e)
	c.weight -= e.weight
	if c.dead(e, now) {
		reason = Expired
	}
	return drop[K, V]{entry: e, reason: reason}
}

func (c *Cache[K, V]) tell(dropped []drop[K, V]) {
	if c.options.OnDrop == nil {
		return
	}
	for _, d := range dropped {
		c.options.OnDrop(d.entry.key, d.entry.value, d.reason)
	}
}
