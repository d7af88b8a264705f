package lru_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"catalog.example/lru"
)

// fixture is a cache of strings, a clock that stands still, and what OnDrop was told.
type fixture struct {
	*lru.Cache[string, string]
	t       *testing.T
	now     time.Time
	dropped []string
}

func newFixture(t *testing.T, capacity int64, lifetime time.Duration) *fixture {
	f := &fixture{t: t, now: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)}
	f.Cache = lru.New(lru.Options[string, string]{
		Capacity: capacity,
		Lifetime: lifetime,
		Now:      func() time.Time { return f.now },
		OnDrop: func(key, value string, reason lru.Reason) {
			f.dropped = append(f.dropped, key+"="+value+" "+reasonName(reason))
		},
	})
	return f
}

func reasonName(reason lru.Reason) string {
	switch reason {
	case lru.Replaced:
		return "replaced"
	case lru.Expired:
		return "expired"
	case lru.Evicted:
		return "evicted"
	case lru.Removed:
		return "removed"
	}
	return fmt.Sprintf("reason %d", reason)
}

// within fails the test if f takes longer than any right answer could.
func within(t *testing.T, limit time.Duration, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("%s takes more than %v", what, limit)
	}
}

func (f *fixture) put(key, value string, weight int64) {
	f.t.Helper()
	if !f.Put(key, value, weight) {
		f.t.Errorf("Put(%q, %q, %d) = false, want true", key, value, weight)
	}
}

func (f *fixture) refuses(key string, weight int64) {
	f.t.Helper()
	if f.Put(key, "new", weight) {
		f.t.Errorf("Put(%q, \"new\", %d) = true, want false", key, weight)
	}
}

func (f *fixture) gets(key, want string, found bool) {
	f.t.Helper()
	if got, ok := f.Get(key); got != want || ok != found {
		f.t.Errorf("Get(%q) = %q, %v, want %q, %v", key, got, ok, want, found)
	}
}

func (f *fixture) peeks(key, want string, found bool) {
	f.t.Helper()
	if got, ok := f.Peek(key); got != want || ok != found {
		f.t.Errorf("Peek(%q) = %q, %v, want %q, %v", key, got, ok, want, found)
	}
}

func (f *fixture) removes(key string, want bool) {
	f.t.Helper()
	if got := f.Remove(key); got != want {
		f.t.Errorf("Remove(%q) = %v, want %v", key, got, want)
	}
}

// holds compares keys, as one text with the most recently used one first, and the sum of weights.
func (f *fixture) holds(keys string, weight int64) {
	f.t.Helper()
	if got := strings.Join(f.Keys(), " "); got != keys {
		f.t.Errorf("Keys() = %q, want %q", got, keys)
	}
	if got, want := f.Len(), len(strings.Fields(keys)); got != want {
		f.t.Errorf("Len() = %d, want %d", got, want)
	}
	if got := f.Weight(); got != weight {
		f.t.Errorf("Weight() = %d, want %d", got, weight)
	}
}

// drops compares what has left the cache since the last call.
func (f *fixture) drops(want ...string) {
	f.t.Helper()
	if !slices.Equal(f.dropped, want) {
		f.t.Errorf("OnDrop was told %q, want %q", f.dropped, want)
	}
	f.dropped = nil
}

func TestPutAndGet(t *testing.T) {
	f := newFixture(t, 10, 0)
	f.holds("", 0)
	f.gets("a", "", false)
	f.put("a", "1", 3)
	f.put("b", "2", 4)
	f.gets("b", "2", true)
	f.gets("a", "1", true)
	f.gets("c", "", false)
	f.holds("a b", 7)
	f.drops()
	silent := lru.New(lru.Options[int, int]{Capacity: 1, Now: time.Now})
	silent.Put(1, 2, 1)
	silent.Put(3, 4, 1)
	if got, ok := silent.Get(3); got != 4 || !ok {
		t.Errorf("without OnDrop Get(3) = %d, %v, want 4, true", got, ok)
	}
}

func TestLeastRecentlyUsedIsEvicted(t *testing.T) {
	f := newFixture(t, 3, 0)
	f.put("a", "1", 1)
	f.put("b", "2", 1)
	f.put("c", "3", 1)
	f.gets("a", "1", true)
	f.put("d", "4", 1)
	f.drops("b=2 evicted")
	f.holds("d a c", 3)
	f.gets("a", "1", true)
	f.put("e", "5", 1)
	f.drops("c=3 evicted")
	f.put("f", "6", 1)
	f.drops("d=4 evicted")
	f.holds("f e a", 3)
	f.gets("b", "", false)
}

func TestHeavyEntryEvictsSeveral(t *testing.T) {
	f := newFixture(t, 10, 0)
	f.put("a", "1", 4)
	f.put("b", "2", 2)
	f.put("c", "3", 3)
	f.put("d", "4", 6)
	f.drops("a=1 evicted", "b=2 evicted")
	f.holds("d c", 9)
	f.put("e", "5", 10)
	f.drops("c=3 evicted", "d=4 evicted")
	f.holds("e", 10)
}

func TestNothingIsEvictedOnceTheNewEntryFits(t *testing.T) {
	f := newFixture(t, 4, 0)
	f.put("a", "1", 0)
	f.put("b", "2", 3)
	f.put("c", "3", 0)
	f.put("d", "4", 1)
	f.drops()
	f.put("e", "5", 2)
	f.drops("a=1 evicted", "b=2 evicted")
	f.holds("e d c", 3)
	empty := newFixture(t, 0, 0)
	empty.put("a", "1", 0)
	empty.put("b", "2", 0)
	empty.holds("b a", 0)
	empty.drops()
}

func TestRefusedPutChangesNothing(t *testing.T) {
	f := newFixture(t, 5, 10)
	f.put("a", "1", 2)
	f.put("b", "2", 2)
	f.refuses("a", 6)
	f.refuses("a", -1)
	f.refuses("c", math.MaxInt64)
	f.drops()
	f.holds("b a", 4)
	f.peeks("a", "1", true)
	f.now = f.now.Add(10)
	f.refuses("c", 6)
	f.drops()
	f.put("c", "3", 5)
	f.drops("a=1 expired", "b=2 expired")
}

func TestPutReplacesAnOlderEntry(t *testing.T) {
	f := newFixture(t, 10, 0)
	f.put("a", "1", 3)
	f.put("b", "2", 4)
	f.put("a", "one", 2)
	f.drops("a=1 replaced")
	f.holds("a b", 6)
	f.gets("a", "one", true)
	f.put("c", "3", 4)
	f.drops()
	f.put("d", "4", 1)
	f.drops("b=2 evicted")
}

func TestOlderEntryMakesRoomFirst(t *testing.T) {
	f := newFixture(t, 10, 0)
	f.put("a", "1", 6)
	f.put("b", "2", 4)
	f.put("a", "one", 6)
	f.drops("a=1 replaced")
	f.holds("a b", 10)
	f.put("a", "uno", 7)
	f.drops("a=one replaced", "b=2 evicted")
	f.holds("a", 7)
}

func TestLifetimeEndsToTheNanosecond(t *testing.T) {
	f := newFixture(t, 10, time.Second)
	f.put("a", "1", 3)
	f.now = f.now.Add(time.Second - 1)
	f.gets("a", "1", true)
	f.now = f.now.Add(1)
	f.holds("", 0)
	f.peeks("a", "", false)
	f.drops()
	f.gets("a", "", false)
	f.drops("a=1 expired")
	f.gets("a", "", false)
	f.drops()
	short := newFixture(t, 10, 1)
	short.put("a", "1", 3)
	short.gets("a", "1", true)
	short.now = short.now.Add(1)
	short.gets("a", "", false)
}

func TestOnlyPutBeginsANewLife(t *testing.T) {
	f := newFixture(t, 10, 10)
	f.put("a", "1", 1)
	f.put("b", "2", 1)
	f.now = f.now.Add(9)
	f.gets("a", "1", true)
	f.peeks("a", "1", true)
	f.put("b", "two", 1)
	f.now = f.now.Add(1)
	f.gets("a", "", false)
	f.gets("b", "two", true)
	f.now = f.now.Add(9)
	f.gets("b", "", false)
	f.drops("b=2 replaced", "a=1 expired", "b=two expired")
}

func TestPeekIsNoUse(t *testing.T) {
	f := newFixture(t, 2, 10)
	f.put("a", "1", 1)
	f.put("b", "2", 1)
	f.peeks("a", "1", true)
	f.peeks("c", "", false)
	f.holds("b a", 2)
	f.put("c", "3", 1)
	f.drops("a=1 evicted")
	f.now = f.now.Add(10)
	f.peeks("b", "", false)
	f.drops()
	f.removes("b", false)
	f.drops("b=2 expired")
}

func TestDeadEntriesLeaveBeforeLiveOnes(t *testing.T) {
	f := newFixture(t, 4, 10)
	f.put("a", "1", 1)
	f.put("b", "2", 1)
	f.now = f.now.Add(5)
	f.put("c", "3", 1)
	f.put("d", "4", 1)
	f.gets("a", "1", true)
	f.gets("b", "2", true)
	f.now = f.now.Add(5)
	f.put("e", "5", 2)
	f.drops("a=1 expired", "b=2 expired")
	f.holds("e d c", 4)
	f.now = f.now.Add(5)
	f.put("f", "6", 0)
	f.drops("c=3 expired", "d=4 expired")
	f.holds("f e", 2)
}

func TestEntriesLeaveInOrder(t *testing.T) {
	f := newFixture(t, 6, 10)
	f.put("a", "1", 1)
	f.put("b", "2", 1)
	f.put("c", "3", 1)
	f.now = f.now.Add(5)
	f.put("d", "4", 1)
	f.put("e", "5", 1)
	f.put("f", "6", 1)
	f.gets("a", "1", true)
	f.now = f.now.Add(5)
	f.put("e", "five", 5)
	f.drops("e=5 replaced", "b=2 expired", "c=3 expired", "a=1 expired", "d=4 evicted")
	f.holds("e f", 6)
	f.now = f.now.Add(10)
	f.put("e", "cinq", 1)
	f.drops("e=five expired", "f=6 expired")
}

func TestRemove(t *testing.T) {
	f := newFixture(t, 10, 10)
	f.put("a", "1", 1)
	f.put("b", "2", 2)
	f.put("c", "3", 4)
	f.removes("b", true)
	f.drops("b=2 removed")
	f.removes("b", false)
	f.removes("x", false)
	f.drops()
	f.holds("c a", 5)
	f.removes("a", true)
	f.now = f.now.Add(10)
	f.removes("c", false)
	f.drops("a=1 removed", "c=3 expired")
	f.holds("", 0)
	f.put("d", "4", 10)
	f.drops()
	f.holds("d", 10)
}

func TestOnlyLiveEntriesCount(t *testing.T) {
	f := newFixture(t, 10, 10)
	f.put("a", "1", 1)
	f.now = f.now.Add(5)
	f.put("b", "2", 2)
	f.put("c", "3", 3)
	f.holds("c b a", 6)
	f.gets("a", "1", true)
	f.now = f.now.Add(5)
	f.holds("c b", 5)
	f.drops()
	f.gets("a", "", false)
	f.drops("a=1 expired")
	f.holds("c b", 5)
}

func TestOnDropMayCallTheCache(t *testing.T) {
	var cache *lru.Cache[string, int]
	var seen []string
	now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	cache = lru.New(lru.Options[string, int]{
		Capacity: 3, Lifetime: 10, Now: func() time.Time { return now },
		OnDrop: func(key string, value int, reason lru.Reason) {
			_, known := cache.Peek(key)
			seen = append(seen, fmt.Sprintf("%s %s: %v, %v, %d", key, reasonName(reason), known, cache.Keys(), cache.Weight()))
			if reason == lru.Removed {
				cache.Put("again", value, 1)
			}
		},
	})
	within(t, 5*time.Second, "what calls the cache from OnDrop", func() {
		cache.Put("a", 1, 1)
		cache.Put("b", 2, 1)
		cache.Put("a", 3, 1)
		cache.Put("c", 4, 3)
		cache.Remove("c")
		now = now.Add(10)
		cache.Get("again")
	})
	want := []string{
		"a replaced: true, [a b], 2",
		"b evicted: false, [c], 3",
		"a evicted: false, [c], 3",
		"c removed: false, [], 0",
		"again expired: false, [], 0",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("OnDrop saw\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
	}
}

func TestWeightsDoNotOverflow(t *testing.T) {
	f := newFixture(t, math.MaxInt64, 0)
	f.put("a", "1", math.MaxInt64-1)
	f.put("b", "2", 1)
	f.drops()
	f.holds("b a", math.MaxInt64)
	f.put("c", "3", math.MaxInt64)
	f.drops("a=1 evicted", "b=2 evicted")
	f.put("c", "three", math.MaxInt64)
	f.drops("c=3 replaced")
	f.holds("c", math.MaxInt64)
	f.put("d", "4", 2)
	f.drops("c=three evicted")
	f.holds("d", 2)
}

func TestManyEntriesTakeNoLonger(t *testing.T) {
	const entries = 200_000
	drops := 0
	cache := lru.New(lru.Options[int, int]{
		Capacity: entries, Now: time.Now,
		OnDrop: func(int, int, lru.Reason) { drops++ },
	})
	within(t, 10*time.Second, "getting and replacing 200,000 entries", func() {
		for i := 0; i < entries; i++ {
			cache.Put(i, i, 1)
		}
		for i := 0; i < entries; i++ {
			key := (i * 7919) % entries
			if got, ok := cache.Get(key); !ok || got != key {
				t.Errorf("Get(%d) = %d, %v, want %d, true", key, got, ok, key)
				return
			}
			cache.Put(key, key, 1)
		}
	})
	if got := cache.Len(); got != 200_000 || drops != 200_000 {
		t.Errorf("%d entries are left and %d were dropped, want 200000 and 200000", got, drops)
	}
}

func TestManyMayCallAtOnce(t *testing.T) {
	const callers, each = 8, 2000
	var drops atomic.Int64
	cache := lru.New(lru.Options[int, int]{
		Capacity: 50, Lifetime: time.Hour, Now: time.Now,
		OnDrop: func(int, int, lru.Reason) { drops.Add(1) },
	})
	within(t, 20*time.Second, "calling from 8 goroutines", func() {
		var all sync.WaitGroup
		for caller := 0; caller < callers; caller++ {
			all.Add(1)
			go func(caller int) {
				defer all.Done()
				for i := 0; i < each; i++ {
					key := (caller*31 + i*17) % 97
					cache.Put(key, i, int64(i%5))
					cache.Get(key + 1)
					cache.Peek(key + 2)
					if i%10 == 0 {
						cache.Remove(key + 3)
						cache.Keys()
					}
					if weight := cache.Weight(); weight > 50 {
						t.Errorf("Weight() = %d, want at most 50", weight)
					}
				}
			}(caller)
		}
		all.Wait()
	})
	if left := int64(cache.Len()); left+drops.Load() != 16_000 {
		t.Errorf("%d entries are left and %d were dropped, want 16000 together", left, drops.Load())
	}
}
