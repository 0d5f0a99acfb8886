package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"hearth/room"
)

// roomLog is the room.Log of a database. It keeps facts only.
type roomLog struct{ db *DB }

// Log returns the room logs of the database. Its entries and states come
// without words. Watch hears of what is appended through this DB, not of
// what another process does. When the state of a room is over, its seats end
// with it in the same transaction, as by EndRoom.
func (db *DB) Log() room.Log { return roomLog{db} }

// answered says whether an error is an answer of the log rather than a fault.
func answered(err error) bool {
	return errors.Is(err, room.ErrMoved) || errors.Is(err, room.ErrNoRoom) || errors.Is(err, room.ErrClock)
}

// Append is room.Log's. When it returns nil the batch is on the disk.
func (l roomLog) Append(ctx context.Context, id room.ID, at room.Head, b room.Batch) (room.Tail, error) {
	batch, err := b.Store(at)
	if err != nil {
		return room.Tail{}, err
	}
	// To compare is to read: a refusal waits for no writer and no disk.
	pool := l.db.read
	if len(batch.Entries) > 0 {
		pool = l.db.write
	}
	var tail room.Tail
	err = tx(ctx, pool, func(t *sql.Tx) error {
		tail, err = l.append(ctx, t, id, at, b, batch)
		return err
	})
	switch {
	case err == nil:
		if len(batch.Entries) > 0 {
			l.db.ring(id)
		}
	case !answered(err):
		return room.Tail{}, fmt.Errorf("room log: append: %w", l.db.explain(err))
	}
	return tail, err
}

func (l roomLog) append(ctx context.Context, t *sql.Tx, id room.ID, at room.Head, b room.Batch, batch room.StoredBatch) (room.Tail, error) {
	head, newest, err := headOf(ctx, t, id)
	begins := errors.Is(err, room.ErrNoRoom) && at == room.Head{}
	switch {
	case begins:
	case errors.Is(err, room.ErrNoRoom):
		return room.Tail{Now: l.db.now()}, err
	case err != nil:
		return room.Tail{}, err
	case head != at:
		tail, err := l.tail(ctx, t, id, at)
		if err == nil {
			err = room.ErrMoved
		}
		return tail, err
	}
	clock := room.LogTime(l.db.now(), newest)
	if err := b.CheckClaim(newest, clock); err != nil || len(batch.Entries) == 0 {
		return room.Tail{Head: head, Now: clock}, err
	}
	if begins {
		batch.Head.Epoch = rand.Text()
		if _, err := t.ExecContext(ctx, `INSERT INTO logs (room, epoch) VALUES ($1, $2)`, string(id), batch.Head.Epoch); err != nil {
			return room.Tail{}, err
		}
	}
	if err := insert(ctx, t, id, batch); err != nil {
		return room.Tail{}, err
	}
	if b.State != nil && b.State.Phase == room.Over {
		if err := logOver(ctx, t, id, b.Now); err != nil {
			return room.Tail{}, err
		}
	}
	return room.Tail{Head: batch.Head, Now: room.LogTime(clock, b.Now)}, nil
}

func insert(ctx context.Context, t *sql.Tx, id room.ID, batch room.StoredBatch) error {
	for _, e := range batch.Entries {
		_, err := t.ExecContext(ctx, `INSERT INTO entries (room, seq, hash, at_ns, facts) VALUES ($1, $2, $3, $4, $5)`,
			string(id), int64(e.Seq), hex.EncodeToString(e.Hash[:]), e.At.UnixNano(), string(e.Facts))
		if err != nil {
			return err
		}
	}
	if batch.Facts == nil {
		return nil
	}
	_, err := t.ExecContext(ctx, `INSERT INTO states (room, seq, facts) VALUES ($1, $2, $3)
		ON CONFLICT (room) DO UPDATE SET seq = excluded.seq, facts = excluded.facts`,
		string(id), int64(batch.Head.Seq), string(batch.Facts))
	return err
}

// logOver notes that a room's state is over, and ends its seats.
func logOver(ctx context.Context, t *sql.Tx, id room.ID, now time.Time) error {
	if _, err := t.ExecContext(ctx, `UPDATE logs SET over_at = COALESCE(over_at, $2) WHERE room = $1`, string(id), now.UnixMilli()); err != nil {
		return err
	}
	return endRoom(ctx, t, id, now)
}

// headOf returns a log's head and the time of its newest entry.
func headOf(ctx context.Context, t *sql.Tx, id room.ID) (h room.Head, newest time.Time, err error) {
	var seq, ns int64
	var hash string
	err = t.QueryRowContext(ctx, `SELECT l.epoch, e.seq, e.hash, e.at_ns FROM logs l JOIN entries e ON e.room = l.room
		WHERE l.room = $1 ORDER BY e.seq DESC LIMIT 1`, string(id)).Scan(&h.Epoch, &seq, &hash, &ns)
	if errors.Is(err, sql.ErrNoRows) {
		return room.Head{}, time.Time{}, room.ErrNoRoom
	}
	if err != nil {
		return room.Head{}, time.Time{}, err
	}
	h.Seq = uint64(seq)
	h.Hash, err = unhex(hash)
	return h, time.Unix(0, ns), err
}

func unhex(s string) (h [32]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, errors.New("a stored hash does not read")
	}
	return [32]byte(b), nil
}

// Read is room.Log's.
func (l roomLog) Read(ctx context.Context, id room.ID, after room.Head) (room.Tail, error) {
	var tail room.Tail
	err := tx(ctx, l.db.read, func(t *sql.Tx) (err error) {
		tail, err = l.tail(ctx, t, id, after)
		return err
	})
	if err != nil && !answered(err) {
		return room.Tail{}, fmt.Errorf("room log: read: %w", err)
	}
	return tail, err
}

// tail reads what is new since after, and computes its hashes again: bytes
// that changed on the disk are never handed out as facts.
func (l roomLog) tail(ctx context.Context, t *sql.Tx, id room.ID, after room.Head) (room.Tail, error) {
	head, newest, err := headOf(ctx, t, id)
	tail := room.Tail{Head: head, Now: room.LogTime(l.db.now(), newest)}
	if err != nil {
		return tail, err
	}
	follows, err := isPoint(ctx, t, id, head, after)
	if err != nil {
		return room.Tail{}, err
	}
	hash, seq := after.Hash, after.Seq
	if !follows {
		if tail.State, hash, err = stateOf(ctx, t, id); err != nil {
			return room.Tail{}, err
		}
		tail.Base, seq = hash, tail.State.Seq
	}
	list, err := entriesAfter(ctx, t, id, seq)
	if err != nil {
		return room.Tail{}, err
	}
	for _, s := range list {
		seq++
		hash = room.Chain(hash, seq, s.Facts)
		e, err := room.JoinEntry(s.Facts, nil)
		if err != nil {
			return room.Tail{}, err
		}
		if s.Seq != seq || e.Seq != seq || s.Hash != hash {
			return room.Tail{}, fmt.Errorf("entry %d is not what was written", seq)
		}
		tail.Entries = append(tail.Entries, e)
	}
	return tail, nil
}

// isPoint says whether h is a point of a room's log: its start, or an entry.
func isPoint(ctx context.Context, t *sql.Tx, id room.ID, head, h room.Head) (bool, error) {
	switch {
	case h.Epoch != head.Epoch || h.Seq > head.Seq:
		return false, nil
	case h.Seq == 0:
		return h.Hash == [32]byte{}, nil
	}
	hash, err := hashOf(ctx, t, id, h.Seq)
	return hash == h.Hash, err
}

func hashOf(ctx context.Context, t *sql.Tx, id room.ID, seq uint64) ([32]byte, error) {
	var hash string
	err := t.QueryRowContext(ctx, `SELECT hash FROM entries WHERE room = $1 AND seq = $2`, string(id), int64(seq)).Scan(&hash)
	if err != nil {
		return [32]byte{}, fmt.Errorf("entry %d: %w", seq, err)
	}
	return unhex(hash)
}

// stateOf returns the stored state and the hash of its last entry.
func stateOf(ctx context.Context, t *sql.Tx, id room.ID) (*room.State, [32]byte, error) {
	var facts string
	var seq int64
	err := t.QueryRowContext(ctx, `SELECT seq, facts FROM states WHERE room = $1`, string(id)).Scan(&seq, &facts)
	if err != nil {
		return nil, [32]byte{}, fmt.Errorf("stored state: %w", err)
	}
	s, err := room.JoinState([]byte(facts), nil)
	if err != nil {
		return nil, [32]byte{}, err
	}
	if s.Seq != uint64(seq) {
		return nil, [32]byte{}, errors.New("the stored state is not what was written")
	}
	hash, err := hashOf(ctx, t, id, s.Seq)
	return s, hash, err
}

func entriesAfter(ctx context.Context, t *sql.Tx, id room.ID, seq uint64) ([]room.Stored, error) {
	rows, err := t.QueryContext(ctx, `SELECT seq, hash, at_ns, facts FROM entries WHERE room = $1 AND seq > $2 ORDER BY seq`, string(id), int64(seq))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []room.Stored
	for rows.Next() {
		var s room.Stored
		var n, ns int64
		var hash, facts string
		if err := rows.Scan(&n, &hash, &ns, &facts); err != nil {
			return nil, err
		}
		s.Seq, s.At, s.Facts = uint64(n), time.Unix(0, ns), []byte(facts)
		if s.Hash, err = unhex(hash); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// Watch is room.Log's. The channel is never closed.
func (l roomLog) Watch(ctx context.Context, id room.ID) (<-chan struct{}, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db, bell := l.db, make(chan struct{}, 1)
	db.mu.Lock()
	defer db.mu.Unlock()
	db.bells[id] = append(db.bells[id], bell)
	context.AfterFunc(ctx, func() {
		db.mu.Lock()
		defer db.mu.Unlock()
		db.bells[id] = slices.DeleteFunc(db.bells[id], func(c chan struct{}) bool { return c == bell })
		if len(db.bells[id]) == 0 {
			delete(db.bells, id)
		}
	})
	return bell, nil
}

func (db *DB) ring(id room.ID) {
	db.mu.Lock()
	defer db.mu.Unlock()
	for _, bell := range db.bells[id] {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}
