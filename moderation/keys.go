package moderation

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// KeepKeys is how long a day key is kept from when it was made. A report can
// so quote what was said up to 48 to 72 hours ago.
const KeepKeys = 72 * time.Hour

// Keys are the day keys evidence is tagged with: random, one for each day
// (UTC), never derived from another secret. The zero Keys has none: call
// Rotate first. Safe for concurrent use.
//
// As JSON they are {"days":[{"id","made","key"}]}, meant for one file outside
// the database and its backups, readable by its owner only.
type Keys struct {
	mu   sync.RWMutex
	days []dayKey // oldest first; guarded by mu
}

type dayKey struct {
	ID   string    `json:"id"` // the day, as in 2006-01-02
	Made time.Time `json:"made"`
	Key  [32]byte  `json:"-"`
}

func (d dayKey) kept(now time.Time) bool { return now.Before(d.Made.Add(KeepKeys)) }

// Rotate makes the key of now's day if there is none yet, from 32 bytes of
// random, and forgets keys older than KeepKeys. It says whether anything
// changed. A day before the newest key's makes no key: clocks go backwards,
// keys do not.
func (k *Keys) Rotate(now time.Time, random io.Reader) (changed bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := len(k.days)
	k.days = slices.DeleteFunc(k.days, func(d dayKey) bool { return !d.kept(now) })
	changed = len(k.days) != before
	id := now.UTC().Format(time.DateOnly)
	if n := len(k.days); n > 0 && k.days[n-1].ID >= id {
		return changed, nil
	}
	day := dayKey{ID: id, Made: now.UTC()}
	if _, err := io.ReadFull(random, day.Key[:]); err != nil {
		return changed, fmt.Errorf("make the day's evidence key: %w", err)
	}
	k.days = append(k.days, day)
	return true, nil
}

func (k *Keys) newest() (dayKey, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if len(k.days) == 0 {
		return dayKey{}, false
	}
	return k.days[len(k.days)-1], true
}

func (k *Keys) find(id string, now time.Time) (dayKey, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, d := range k.days {
		if d.ID == id && d.kept(now) {
			return d, true
		}
	}
	return dayKey{}, false
}

// String keeps keys out of logs.
func (k *Keys) String() string { return "[redacted]" }

// GoString keeps keys out of logs.
func (k *Keys) GoString() string { return "[redacted]" }

// storedKeys is the form of Keys as JSON.
type storedKeys struct {
	Days []storedDay `json:"days"`
}

type storedDay struct {
	dayKey
	Key []byte `json:"key"`
}

// MarshalJSON writes the keys themselves: keep the result secret.
func (k *Keys) MarshalJSON() ([]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	s := storedKeys{Days: []storedDay{}}
	for _, d := range k.days {
		s.Days = append(s.Days, storedDay{d, d.Key[:]})
	}
	return json.Marshal(s)
}

// UnmarshalJSON replaces the keys with those MarshalJSON wrote.
func (k *Keys) UnmarshalJSON(b []byte) error {
	var s storedKeys
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("read evidence keys: %w", err)
	}
	days := make([]dayKey, 0, len(s.Days))
	for _, d := range s.Days {
		if _, err := time.Parse(time.DateOnly, d.ID); err != nil || len(d.Key) != 32 {
			return fmt.Errorf("read evidence keys: a day or its key is damaged")
		}
		day := d.dayKey
		copy(day.Key[:], d.Key)
		days = append(days, day)
	}
	slices.SortFunc(days, func(a, b dayKey) int { return a.Made.Compare(b.Made) })
	k.mu.Lock()
	defer k.mu.Unlock()
	k.days = days
	return nil
}
