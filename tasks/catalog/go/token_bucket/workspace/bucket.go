// Package bucket hands out tokens at a steady rate, first come, first served.
package bucket

import (
	"context"
	"errors"
	"time"
)

// What goes wrong.
var (
	ErrConfig = errors.New("bucket: rate or burst out of range")
	ErrAmount = errors.New("bucket: amount out of range")
	ErrLate   = errors.New("bucket: the tokens would come after the deadline")
	ErrClosed = errors.New("bucket: closed")
)

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

// Bucket holds tokens and a queue of those who wait for them.
type Bucket struct{}

// New returns a full bucket.
func New(clock Clock, rate Rate, burst int64) (*Bucket, error) {
	return &Bucket{}, nil
}

// Available returns the tokens that are in the bucket now.
func (b *Bucket) Available() int64 { return 0 }

// Waiting returns how many calls of Wait are in the queue.
func (b *Bucket) Waiting() int { return 0 }

// Allow takes n tokens if they are there and nobody waits.
func (b *Bucket) Allow(n int64) bool { return false }

// Wait takes n tokens, as soon as they are there and everybody before has been served.
func (b *Bucket) Wait(ctx context.Context, n int64) error { return nil }

// SetRate changes the rate from now on.
func (b *Bucket) SetRate(rate Rate) error { return nil }

// Close ends all waiting.
func (b *Bucket) Close() {}
