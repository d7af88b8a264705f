package bucket_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"catalog.example/bucket"
)

const (
	patience = 2 * time.Second
	most     = 1_000_000_000_000
)

// clock stands still until it is told to go on.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*timer
}

type timer struct {
	due time.Time
	f   func()
}

func newClock() *clock { return &clock{now: time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) AfterFunc(d time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	added := &timer{due: c.now.Add(d), f: f}
	c.timers = append(c.timers, added)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.remove(added)
	}
}

func (c *clock) remove(gone *timer) bool {
	at := slices.Index(c.timers, gone)
	if at >= 0 {
		c.timers = slices.Delete(c.timers, at, at+1)
	}
	return at >= 0
}

func (c *clock) pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

// forward stops at each timer that is due on the way and calls it.
func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	target := c.now.Add(d)
	for {
		var first *timer
		for _, one := range c.timers {
			if !one.due.After(target) && (first == nil || one.due.Before(first.due)) {
				first = one
			}
		}
		if first == nil {
			break
		}
		c.remove(first)
		if first.due.After(c.now) {
			c.now = first.due
		}
		c.mu.Unlock()
		first.f()
		c.mu.Lock()
	}
	c.now = target
	c.mu.Unlock()
}

func (c *clock) back(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(-d)
}

// dueContext has a deadline of the bucket's clock, and is not done when it has passed.
type dueContext struct {
	context.Context
	due time.Time
}

func (c dueContext) Deadline() (time.Time, bool) { return c.due, true }

func newBucket(t *testing.T, c *clock, tokens int64, per time.Duration, burst int64) *bucket.Bucket {
	t.Helper()
	b, err := bucket.New(c, bucket.Rate{Tokens: tokens, Per: per}, burst)
	if err != nil {
		t.Fatalf("New(%d per %v, burst %d) gives the error %v", tokens, per, burst, err)
	}
	return b
}

func available(t *testing.T, b *bucket.Bucket, want int64, when string) {
	t.Helper()
	if got := b.Available(); got != want {
		t.Errorf("Available() %s = %d, want %d", when, got, want)
	}
}

func allow(t *testing.T, b *bucket.Bucket, n int64, want bool, when string) {
	t.Helper()
	if got := b.Allow(n); got != want {
		t.Errorf("Allow(%d) %s = %v, want %v", n, when, got, want)
	}
}

// wait calls Wait in a goroutine and returns once the queue has the given length.
func wait(t *testing.T, b *bucket.Bucket, ctx context.Context, n int64, queue int) <-chan error {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- b.Wait(ctx, n) }()
	for begin := time.Now(); b.Waiting() != queue; {
		if time.Since(begin) > patience {
			t.Fatalf("Waiting() = %d after Wait(%d), want %d", b.Waiting(), n, queue)
		}
		runtime.Gosched()
	}
	return result
}

func ends(t *testing.T, result <-chan error, want error, what string) {
	t.Helper()
	select {
	case got := <-result:
		if !errors.Is(got, want) {
			t.Errorf("%s returns %v, want %v", what, got, want)
		}
	case <-time.After(patience):
		t.Fatalf("%s does not return, want %v", what, want)
	}
}

// refuses calls Wait, which is not to wait.
func refuses(t *testing.T, b *bucket.Bucket, ctx context.Context, n int64, want error, what string) {
	t.Helper()
	result := make(chan error, 1)
	go func() { result <- b.Wait(ctx, n) }()
	ends(t, result, want, what)
}

func waiting(t *testing.T, b *bucket.Bucket, want int, when string) {
	t.Helper()
	if got := b.Waiting(); got != want {
		t.Errorf("Waiting() %s = %d, want %d", when, got, want)
	}
}

func pending(t *testing.T, c *clock, want int, when string) {
	t.Helper()
	if got := c.pending(); got != want {
		t.Errorf("%s %d timers are pending, want %d", when, got, want)
	}
}

func TestNewChecksRateAndBurst(t *testing.T) {
	for _, c := range []struct {
		tokens int64
		per    time.Duration
		burst  int64
		want   error
	}{
		{1, 1, 1, nil},
		{most, math.MaxInt64, most, nil},
		{0, time.Second, 1, bucket.ErrConfig},
		{-1, time.Second, 1, bucket.ErrConfig},
		{most + 1, time.Second, 1, bucket.ErrConfig},
		{1, 0, 1, bucket.ErrConfig},
		{1, -1, 1, bucket.ErrConfig},
		{1, time.Second, 0, bucket.ErrConfig},
		{1, time.Second, most + 1, bucket.ErrConfig},
	} {
		_, err := bucket.New(newClock(), bucket.Rate{Tokens: c.tokens, Per: c.per}, c.burst)
		if !errors.Is(err, c.want) {
			t.Errorf("New(%d per %d ns, burst %d) gives the error %v, want %v", c.tokens, c.per, c.burst, err, c.want)
		}
	}
}

func TestAllowTakesAllOrNothing(t *testing.T) {
	b := newBucket(t, newClock(), 1, time.Second, 5)
	available(t, b, 5, "at the start")
	allow(t, b, 2, true, "of 5")
	allow(t, b, 4, false, "of 3")
	available(t, b, 3, "after a refusal")
	allow(t, b, 3, true, "of 3")
	allow(t, b, 1, false, "of 0")
	allow(t, b, 0, true, "of 0")
	allow(t, b, -1, false, "of a negative amount")
	available(t, b, 0, "after all were taken")
	full := newBucket(t, newClock(), 1, time.Second, 5)
	allow(t, full, 6, false, "of more than burst")
	allow(t, full, 5, true, "of burst")
}

func TestTokensArriveAtRoundedUpTimes(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 3, 10, 100)
	allow(t, b, 100, true, "at the start")
	arrivals := map[int]bool{4: true, 7: true, 10: true, 14: true, 17: true, 20: true, 24: true, 27: true, 30: true}
	count := int64(0)
	for at := 1; at <= 30; at++ {
		c.forward(1)
		if arrivals[at] {
			count++
		}
		if got := b.Available(); got != count {
			t.Fatalf("after %d ns of 3 tokens per 10 ns there are %d, want %d", at, got, count)
		}
	}
}

func TestRoundingNeverAddsUp(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 7, 1000, 1000)
	allow(t, b, 1000, true, "at the start")
	for i := 0; i < 10_000; i++ {
		c.forward(13)
		b.Allow(1)
		b.Available()
	}
	// 130,000 ns bring 910 tokens: one of them each time that there was one.
	available(t, b, 0, "after taking each token as it came")
	c.forward(142)
	available(t, b, 0, "142 ns after the last token")
	c.forward(1)
	available(t, b, 1, "143 ns after the last token")
}

func TestFullBucketEarnsNothing(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 2)
	c.forward(9)
	allow(t, b, 1, true, "of a full bucket")
	c.forward(9)
	available(t, b, 1, "9 ns after a token was taken")
	c.forward(1)
	available(t, b, 2, "10 ns after a token was taken")
	c.forward(7)
	available(t, b, 2, "of a full bucket")
	c.forward(8)
	allow(t, b, 2, true, "of a full bucket")
	c.forward(9)
	available(t, b, 0, "9 ns after all were taken")
	c.forward(1)
	available(t, b, 1, "10 ns after all were taken")
}

func TestNothingOverflows(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, most, time.Nanosecond, most)
	allow(t, b, most, true, "at the start")
	c.forward(200 * 365 * 24 * time.Hour)
	available(t, b, most, "after 200 years")
	allow(t, b, most, true, "after 200 years")
	c.forward(20 * time.Millisecond)
	available(t, b, most, "20 ms later")

	c = newClock()
	b = newBucket(t, c, 3, math.MaxInt64, 10)
	allow(t, b, 10, true, "at the start")
	c.forward(3_000_000_000_000_000_000)
	available(t, b, 0, "after 3.0e18 ns of 3 tokens per 2^63-1 ns")
	c.forward(3_300_000_000_000_000_000)
	available(t, b, 2, "after 6.3e18 ns of 3 tokens per 2^63-1 ns")

	c = newClock()
	b = newBucket(t, c, 4, 1<<62+1, 10)
	allow(t, b, 10, true, "at the start")
	c.forward(5)
	result := wait(t, b, context.Background(), 4, 1)
	c.forward(1<<62 - 5)
	waiting(t, b, 1, "1 ns before 4 tokens are there")
	c.forward(1)
	ends(t, result, nil, "a Wait of 146 years")

	c = newClock()
	b = newBucket(t, c, most, time.Hour, most)
	allow(t, b, most, true, "at the start")
	c.forward(time.Hour - 1)
	available(t, b, most-1, "1 ns before an hour is over")

	c = newClock()
	b = newBucket(t, c, 1, math.MaxInt64, 10)
	allow(t, b, 10, true, "at the start")
	c.forward(math.MaxInt64 - 1)
	available(t, b, 0, "1 ns before the first token")
	c.forward(1)
	available(t, b, 1, "with the first token")
	later := dueContext{context.Background(), c.Now().Add(time.Hour)}
	refuses(t, b, later, 4, bucket.ErrLate, "a Wait of 876 years")
	c.forward(math.MaxInt64 - 1)
	available(t, b, 1, "1 ns before the second token")
	c.forward(1)
	available(t, b, 2, "with the second token")
}

func TestClockThatGoesBack(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 10)
	allow(t, b, 10, true, "at the start")
	c.forward(45)
	available(t, b, 4, "after 45 ns")
	c.back(30)
	available(t, b, 4, "after 45 ns and 30 back")
	c.forward(30)
	available(t, b, 4, "after 45 ns again")
	c.forward(4)
	available(t, b, 4, "after 49 ns")
	c.forward(1)
	available(t, b, 5, "after 50 ns")
}

func TestWaitTakesWhatIsThere(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	refuses(t, b, context.Background(), 3, nil, "Wait(3) of 5")
	available(t, b, 2, "after Wait(3) of 5")
	past := dueContext{context.Background(), c.Now().Add(-time.Hour)}
	refuses(t, b, past, 2, nil, "Wait(2) of 2 with a deadline in the past")
	available(t, b, 0, "after both")
	pending(t, c, 0, "when nobody had to wait")
}

func TestWaitChecksInOrder(t *testing.T) {
	b := newBucket(t, newClock(), 1, 10, 5)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	refuses(t, b, done, -1, bucket.ErrAmount, "Wait(-1)")
	refuses(t, b, done, 6, bucket.ErrAmount, "Wait(6) with a burst of 5")
	refuses(t, b, done, 2, context.Canceled, "Wait(2) of 5, cancelled")
	refuses(t, b, done, 0, context.Canceled, "Wait(0), cancelled")
	available(t, b, 5, "after refusals")
	b.Close()
	refuses(t, b, done, 6, bucket.ErrAmount, "Wait(6) after Close")
	refuses(t, b, done, 2, bucket.ErrClosed, "Wait(2) after Close, cancelled")
	refuses(t, b, context.Background(), 0, bucket.ErrClosed, "Wait(0) after Close")
}

func TestQueueIsServedInOrder(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	allow(t, b, 4, true, "at the start")
	ctx := context.Background()
	large := wait(t, b, ctx, 4, 1)
	small := wait(t, b, ctx, 1, 2)
	middle := wait(t, b, ctx, 2, 3)
	pending(t, c, 1, "while three wait")
	c.forward(29)
	waiting(t, b, 3, "1 ns before the first is due")
	c.forward(1)
	waiting(t, b, 2, "when the first is due")
	ends(t, large, nil, "the first")
	c.forward(9)
	waiting(t, b, 2, "1 ns before the second is due")
	c.forward(1)
	waiting(t, b, 1, "when the second is due")
	ends(t, small, nil, "the second")
	c.forward(19)
	waiting(t, b, 1, "1 ns before the third is due")
	c.forward(1)
	waiting(t, b, 0, "when the third is due")
	ends(t, middle, nil, "the third")
	available(t, b, 0, "when all were served")
	pending(t, c, 0, "when nobody waits")
}

func TestNobodyOvertakesTheQueue(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	allow(t, b, 2, true, "at the start")
	first := wait(t, b, context.Background(), 4, 1)
	available(t, b, 3, "while 4 are waited for")
	allow(t, b, 1, false, "of 3 while somebody waits")
	allow(t, b, 0, true, "while somebody waits")
	refuses(t, b, context.Background(), 0, nil, "Wait(0) while somebody waits")
	second := wait(t, b, context.Background(), 1, 2)
	available(t, b, 3, "while two wait")
	c.forward(10)
	ends(t, first, nil, "the first")
	waiting(t, b, 1, "when the first was served")
	c.forward(10)
	ends(t, second, nil, "the second")
	allow(t, b, 1, false, "of 0")
}

func TestCancelledFirstLetsOthersPass(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	allow(t, b, 2, true, "at the start")
	ctx, cancel := context.WithCancel(context.Background())
	first := wait(t, b, ctx, 5, 1)
	second := wait(t, b, context.Background(), 1, 2)
	third := wait(t, b, context.Background(), 2, 3)
	fourth := wait(t, b, context.Background(), 1, 4)
	cancel()
	ends(t, first, context.Canceled, "the cancelled one")
	waiting(t, b, 1, "after the first was cancelled")
	ends(t, second, nil, "the second")
	ends(t, third, nil, "the third")
	available(t, b, 0, "after two more were served")
	pending(t, c, 1, "while one waits")
	c.forward(9)
	waiting(t, b, 1, "1 ns before the fourth is due")
	c.forward(1)
	ends(t, fourth, nil, "the fourth")
}

func TestCancelledLaterOneChangesNothingForTheFirst(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	allow(t, b, 5, true, "at the start")
	ctx, cancel := context.WithCancel(context.Background())
	first := wait(t, b, context.Background(), 2, 1)
	second := wait(t, b, ctx, 5, 2)
	third := wait(t, b, context.Background(), 1, 3)
	c.forward(15)
	cancel()
	ends(t, second, context.Canceled, "the cancelled one")
	waiting(t, b, 2, "after one was cancelled")
	c.forward(4)
	waiting(t, b, 2, "1 ns before the first is due")
	c.forward(1)
	waiting(t, b, 1, "when the first is due")
	ends(t, first, nil, "the first")
	c.forward(10)
	ends(t, third, nil, "the third")
}

func TestNothingIsLeftBehind(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	allow(t, b, 5, true, "at the start")
	ctx, cancel := context.WithCancel(context.Background())
	first := wait(t, b, ctx, 2, 1)
	second := wait(t, b, ctx, 2, 2)
	pending(t, c, 1, "while two wait")
	cancel()
	ends(t, first, context.Canceled, "the first")
	ends(t, second, context.Canceled, "the second")
	waiting(t, b, 0, "when all were cancelled")
	pending(t, c, 0, "when all were cancelled")
	available(t, b, 0, "when all were cancelled")
	c.forward(20)
	available(t, b, 2, "20 ns later")

	before := runtime.NumGoroutine()
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	for i := 0; i < 20; i++ {
		served := wait(t, b, ctx, 3, 1)
		c.forward(30)
		ends(t, served, nil, "a call whose context is not done")
	}
	for begin := time.Now(); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Since(begin) > patience {
			t.Fatalf("%d goroutines are left of those that waited, want none", runtime.NumGoroutine()-before)
		}
	}
}

func TestLateDeadlineIsRefusedAtOnce(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	allow(t, b, 4, true, "at the start")
	c.forward(5)
	within := func(d time.Duration) context.Context { return dueContext{context.Background(), c.Now().Add(d)} }
	refuses(t, b, within(24), 4, bucket.ErrLate, "Wait(4), which takes 25 ns, within 24 ns")
	available(t, b, 1, "after a refusal")
	first := wait(t, b, within(25), 4, 1)
	refuses(t, b, within(54), 3, bucket.ErrLate, "Wait(3), which takes 55 ns, within 54 ns")
	waiting(t, b, 1, "after a refusal")
	second := wait(t, b, within(55), 3, 2)
	refuses(t, b, within(-1), 1, bucket.ErrLate, "Wait(1) with a deadline in the past")
	c.forward(25)
	ends(t, first, nil, "the first")
	c.forward(29)
	waiting(t, b, 1, "1 ns before the second is due")
	c.forward(1)
	ends(t, second, nil, "the second")
}

func TestSetRateCountsFromNow(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 9)
	allow(t, b, 9, true, "at the start")
	set := func(tokens int64, per time.Duration, want error) {
		t.Helper()
		if err := b.SetRate(bucket.Rate{Tokens: tokens, Per: per}); !errors.Is(err, want) {
			t.Errorf("SetRate(%d per %v) gives the error %v, want %v", tokens, per, err, want)
		}
	}
	c.forward(39)
	set(2, 30, nil)
	available(t, b, 3, "after SetRate")
	c.forward(14)
	available(t, b, 3, "14 ns after 2 tokens per 30 ns were set")
	set(0, 30, bucket.ErrConfig)
	set(1, 0, bucket.ErrConfig)
	set(most+1, 1, bucket.ErrConfig)
	c.forward(1)
	available(t, b, 4, "15 ns after 2 tokens per 30 ns were set")
	c.forward(14)
	set(2, 30, nil)
	c.forward(14)
	available(t, b, 4, "14 ns after the same rate was set again")
	c.forward(1)
	available(t, b, 5, "15 ns after the same rate was set again")
	b.Close()
	set(1, 10, bucket.ErrClosed)
}

func TestSetRateMovesThoseWhoWait(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, time.Hour, 5)
	allow(t, b, 5, true, "at the start")
	first := wait(t, b, context.Background(), 2, 1)
	second := wait(t, b, context.Background(), 1, 2)
	c.forward(time.Hour)
	if err := b.SetRate(bucket.Rate{Tokens: 1, Per: 10}); err != nil {
		t.Errorf("SetRate gives the error %v, want none", err)
	}
	pending(t, c, 1, "after SetRate")
	c.forward(9)
	waiting(t, b, 2, "1 ns before the first is due")
	c.forward(1)
	ends(t, first, nil, "the first")
	if err := b.SetRate(bucket.Rate{Tokens: 1, Per: 50}); err != nil {
		t.Errorf("SetRate gives the error %v, want none", err)
	}
	c.forward(49)
	waiting(t, b, 1, "1 ns before the second is due")
	c.forward(1)
	ends(t, second, nil, "the second")
	pending(t, c, 0, "when nobody waits")
}

func TestCloseEndsAllWaiting(t *testing.T) {
	c := newClock()
	b := newBucket(t, c, 1, 10, 5)
	allow(t, b, 2, true, "at the start")
	first := wait(t, b, context.Background(), 4, 1)
	second := wait(t, b, context.Background(), 1, 2)
	b.Close()
	waiting(t, b, 0, "after Close")
	pending(t, c, 0, "after Close")
	ends(t, first, bucket.ErrClosed, "the first")
	ends(t, second, bucket.ErrClosed, "the second")
	available(t, b, 0, "after Close")
	allow(t, b, 1, false, "after Close")
	allow(t, b, 0, false, "after Close")
	b.Close()
	refuses(t, b, context.Background(), 1, bucket.ErrClosed, "Wait(1) after Close")
}

func TestNoTokenIsLostToCancellation(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for round := 0; round < 100; round++ {
		c := newClock()
		b := newBucket(t, c, 1, 10, 5)
		b.Allow(5)
		ctx, cancel := context.WithCancel(context.Background())
		result := wait(t, b, ctx, 3, 1)
		// On one processor the call that waits learns of both only after both have happened.
		cancel()
		c.forward(30)
		var err error
		select {
		case err = <-result:
		case <-time.After(patience):
			t.Fatal("Wait does not return, though it is cancelled and its tokens are there")
		}
		want := int64(0)
		if errors.Is(err, context.Canceled) {
			want = 3
		} else if err != nil {
			t.Fatalf("Wait returns %v, want nil or context.Canceled", err)
		}
		if got := b.Available(); got != want {
			t.Fatalf("Wait returned %v and %d tokens are left of 3, want %d", err, got, want)
		}
	}
}

func TestManyMayCallAtOnce(t *testing.T) {
	const callers, each = 40, 5
	c := newClock()
	b := newBucket(t, c, 1, 10, 3)
	b.Allow(3)
	results := make(chan error, callers*each)
	for i := 0; i < callers; i++ {
		n := int64(1 + i%3)
		go func() {
			for j := 0; j < each; j++ {
				results <- b.Wait(context.Background(), n)
				b.Allow(4)
				b.Available()
			}
		}()
	}
	// 14 callers take 1 each time, 13 take 2 and 13 take 3.
	const total = (14*1 + 13*2 + 13*3) * each
	earned := int64(0)
	for done, begin := 0, time.Now(); done < callers*each; {
		select {
		case err := <-results:
			if err != nil {
				t.Fatalf("Wait returns %v, want nil", err)
			}
			done++
			continue
		default:
		}
		if time.Since(begin) > 4*patience {
			t.Fatalf("only %d of %d calls of Wait have returned", done, callers*each)
		}
		if b.Waiting() > 0 {
			c.forward(10)
			earned++
		}
		runtime.Gosched()
	}
	if left := b.Available(); earned-left != total {
		t.Errorf("%d tokens of %d are left, want %d", left, earned, earned-total)
	}
	pending(t, c, 0, "when nobody waits")
}
