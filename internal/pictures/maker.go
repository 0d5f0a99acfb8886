package pictures

import "context"

// Maker makes pictures one at a time, because one may take hundreds of
// megabytes. The zero Maker is none; see NewMaker. Safe for concurrent use.
type Maker struct {
	bench   chan struct{} // holds one: the picture being made
	waiting chan struct{} // holds one for each that is made or waits
}

// NewMaker returns a Maker for which so many may wait, besides the one that
// is made.
func NewMaker(wait int) *Maker {
	return &Maker{bench: make(chan struct{}, 1), waiting: make(chan struct{}, 1+wait)}
}

// Make is the package's Make when it is this picture's turn. Busy if too
// many wait already; the context's error if it ends before its turn comes.
func (m *Maker) Make(ctx context.Context, in []byte) (Picture, error) {
	select {
	case m.waiting <- struct{}{}:
		defer func() { <-m.waiting }()
	default:
		return Picture{}, Busy
	}
	select {
	case m.bench <- struct{}{}:
		defer func() { <-m.bench }()
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	}
	if err := ctx.Err(); err != nil { // both came at once
		return Picture{}, err
	}
	return Make(in)
}
