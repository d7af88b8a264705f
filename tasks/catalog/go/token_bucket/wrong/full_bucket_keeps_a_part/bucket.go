// Package bucket hands out tokens at a steady rate, first come, first served.
package bucket

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"slices"
	"sync"
	"time"
)

// What goes wrong.
var (
	ErrConfig = errors.New("bucket: rate or burst out of range")
	ErrAmount = errors.New("bucket: amount out of range")
	ErrLate   = errors.New("bucket: the tokens would come after the deadline")
	ErrClosed = errors.New("bucket: closed")
)

const most = 1_000_000_000_000

// Clock is where a bucket takes the time from.
type Clock interface {
	Now() time.Time
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Rate is so many tokens per so much time.
type Rate struct {
	Tokens int64
	Per    time.Duration
}

func (r Rate) valid() bool { return 1 <= r.Tokens && r.Tokens <= most && r.Per > 0 }

type request struct {
	n    int64
	done chan error // Holds one result, which is sent with the lock held when the request leaves the queue.
}

// Bucket holds tokens and a queue of those who wait for them.
type Bucket struct {
	clock Clock
	burst int64

	mu     sync.Mutex
	rate   Rate
	latest time.Time // When the clock was last looked at: tokens and part are those of that time.
	tokens int64
	part   uint64 // Of the next token, in shares of which rate.Per make a token.
	queue  []*request
	stop   func() bool
	closed bool
}

// New returns a full bucket.
func New(clock Clock, rate Rate, burst int64) (*Bucket, error) {
	if !rate.valid() || burst < 1 || burst > most {
		return nil, ErrConfig
	}
	now := clock.Now()
	return &Bucket{clock: clock, burst: burst, rate: rate, latest: now, tokens: burst}, nil
}

// Available returns the tokens that are in the bucket now.
func (b *Bucket) Available() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0
	}
	b.look()
	return b.tokens
}

// Waiting returns how many calls of Wait are in the queue.
func (b *Bucket) Waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.queue)
}

// Allow takes n tokens if they are there and nobody waits.
func (b *Bucket) Allow(n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n < 0 || n > b.burst || b.closed {
		return false
	}
	return n == 0 || b.takeNow(n)
}

// Wait takes n tokens, as soon as they are there and everybody before has been served.
func (b *Bucket) Wait(ctx context.Context, n int64) error {
	joined, err := b.join(ctx, n)
	if joined == nil {
		return err
	}
	select {
	case err := <-joined.done:
		return err
	case <-ctx.Done():
		return b.leave(joined, ctx.Err())
	}
}

// join returns the request that now waits, or none and the result of Wait.
func (b *Bucket) join(ctx context.Context, n int64) (*request, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case n < 0 || n > b.burst:
		return nil, ErrAmount
	case b.closed:
		return nil, ErrClosed
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case n == 0 || b.takeNow(n):
		return nil, nil
	}
	if deadline, ok := ctx.Deadline(); ok && b.servedAt(n).After(deadline) {
		return nil, ErrLate
	}
	joined := &request{n: n, done: make(chan error, 1)}
	b.queue = append(b.queue, joined)
	b.serve()
	return joined, nil
}

// leave takes a request out of the queue; if it has left already, its own result stands.
func (b *Bucket) leave(gone *request, err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := slices.Index(b.queue, gone)
	if at < 0 {
		return <-gone.done
	}
	b.queue = slices.Delete(b.queue, at, at+1)
	b.serve()
	return err
}

// SetRate changes the rate from now on.
func (b *Bucket) SetRate(rate Rate) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !rate.valid() {
		return ErrConfig
	}
	if b.closed {
		return ErrClosed
	}
	b.serve()
	b.rate, b.part = rate, 0
	b.serve()
	return nil
}

// Close ends all waiting.
func (b *Bucket) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for _, waiting := range b.queue {
		waiting.done <- ErrClosed
	}
	b.queue = nil
	b.serve()
}

// look earns what has come since the clock was last looked at.
func (b *Bucket) look() {
	now := b.clock.Now()
	if !now.After(b.latest) {
		return
	}
	passed := now.Sub(b.latest)
	b.latest = now
	high, low := bits.Mul64(uint64(passed), uint64(b.rate.Tokens))
	low, carry := bits.Add64(low, b.part, 0)
	high += carry
	earned, full := uint64(0), high >= uint64(b.rate.Per)
	if !full {
		earned, b.part = bits.Div64(high, low, uint64(b.rate.Per))
		full = earned >= uint64(b.burst-b.tokens)
	}
	if full {
		b.tokens, b.part = b.burst, b.part%uint64(b.rate.Per)
	} else {
		b.tokens += int64(earned)
	}
}

// until returns how long after the last look so many tokens, more than there are, will be there.
func (b *Bucket) until(tokens int64) time.Duration {
	divisor := uint64(b.rate.Tokens)
	high, low := bits.Mul64(uint64(tokens-b.tokens), uint64(b.rate.Per))
	low, borrow := bits.Sub64(low, b.part, 0)
	high -= borrow
	low, carry := bits.Add64(low, divisor-1, 0)
	high += carry
	if high >= divisor {
		return math.MaxInt64
	}
	length, _ := bits.Div64(high, low, divisor)
	return time.Duration(min(length, math.MaxInt64))
}

func (b *Bucket) takeNow(n int64) bool {
	b.serve()
	if len(b.queue) > 0 || b.tokens < n {
		return false
	}
	b.tokens -= n
	return true
}

// servedAt returns when a request that joined the queue now would get its tokens.
func (b *Bucket) servedAt(n int64) time.Time {
	for _, waiting := range b.queue {
		n += waiting.n
	}
	return b.latest.Add(b.until(n))
}

// serve gives tokens to those who are first, and sees to it that the next one is not forgotten.
func (b *Bucket) serve() {
	b.look()
	for len(b.queue) > 0 && b.tokens >= b.queue[0].n {
		b.tokens -= b.queue[0].n
		b.queue[0].done <- nil
		b.queue = b.queue[1:]
	}
	if b.stop != nil {
		b.stop()
		b.stop = nil
	}
	if len(b.queue) > 0 {
		b.stop = b.clock.AfterFunc(b.until(b.queue[0].n), b.fired)
	}
}

func (b *Bucket) fired() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.serve()
}
