package moderation

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
)

// KeepKeys is how long a day key is kept from when it was made. A report can
// so quote what was said up to 48 to 72 hours ago.
const KeepKeys = 72 * time.Hour

// ahead is how far in the future a key may have been made: clocks of nodes
// differ. One from further on would be kept for longer than KeepKeys.
const ahead = 24 * time.Hour

// Keys are the day keys that evidence is tagged with, and what else must be
// good for some days and no longer: random, one for each day (UTC), never
// derived from another secret. Nodes that share rooms Merge theirs; they may
// have made several for one day. The zero Keys has none: call Rotate first.
// Safe for concurrent use.
//
// As JSON they are {"days":[{"id","made","key"}]}, meant for one file outside
// the database and its backups, readable by its owner only.
type Keys struct {
	mu   sync.RWMutex
	days []dayKey // oldest first; guarded by mu
	ask  func()   // guarded by mu; nil: nobody to ask
}

// dayKey is one key. Its ID is the day, as in 2006-01-02, and four characters
// that tell it from another of that day; keys of earlier programs lack these.
type dayKey struct {
	ID   string    `json:"id"`
	Made time.Time `json:"made"`
	Key  [32]byte  `json:"-"`
}

func (d dayKey) day() string { return d.ID[:len(time.DateOnly)] }

func (d dayKey) over(now time.Time) bool { return !now.Before(d.Made.Add(KeepKeys)) }

func (d dayKey) kept(now time.Time) bool { return !d.over(now) && d.Made.Before(now.Add(ahead)) }

// under is a key for one purpose, so that what is made for one is never taken
// for another.
func (d dayKey) under(purpose string) []byte {
	h := hmac.New(sha256.New, d.Key[:])
	field(h, "hearth day key 1")
	field(h, purpose)
	return h.Sum(nil)
}

func byAge(a, b dayKey) int {
	return cmp.Or(a.Made.Compare(b.Made), strings.Compare(a.ID, b.ID))
}

// Rotate makes a key of now's day if there is none yet, from 32 bytes of
// random, and forgets keys older than KeepKeys. It says whether anything
// changed. A day before the newest key's makes no key: clocks go backwards,
// keys do not.
func (k *Keys) Rotate(now time.Time, random io.Reader) (changed bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := len(k.days)
	k.days = slices.DeleteFunc(k.days, func(d dayKey) bool { return !d.kept(now) })
	changed = len(k.days) != before
	today := now.UTC().Format(time.DateOnly)
	if n := len(k.days); n > 0 && k.days[n-1].day() >= today {
		return changed, nil
	}
	day := dayKey{Made: now.UTC()}
	if _, err := io.ReadFull(random, day.Key[:]); err != nil {
		return changed, fmt.Errorf("make the day's evidence key: %w", err)
	}
	day.ID = today + "-" + strings.ToLower(base32.StdEncoding.EncodeToString(day.under("id")[:5]))[:4]
	k.days = append(k.days, day)
	return true, nil
}

// Days returns each key by its id, in the form that Merge reads: keep them
// secret.
func (k *Keys) Days() (map[string][]byte, error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	all := make(map[string][]byte, len(k.days))
	for _, d := range k.days {
		b, err := json.Marshal(storedDay{d, d.Key[:]})
		if err != nil {
			return nil, err
		}
		all[d.ID] = b
	}
	return all, nil
}

// Merge adds keys that other nodes made, as Days gave them, and says whether
// there was a new one, and which have had their time. Those that are damaged, or
// of a newer program, it leaves out.
func (k *Keys) Merge(days map[string][]byte, now time.Time) (changed bool, over []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for id, b := range days {
		var s storedDay
		if json.Unmarshal(b, &s) != nil {
			continue
		}
		d, ok := s.read()
		switch {
		case !ok || d.ID != id:
		case d.over(now):
			over = append(over, id)
		case d.kept(now) && !slices.ContainsFunc(k.days, func(o dayKey) bool { return o.ID == id && o.Key == d.Key }):
			k.days, changed = append(k.days, d), true
		}
	}
	slices.SortFunc(k.days, byAge)
	return changed, over
}

// Ask has f called before something is called forged or expired whose key
// isn't known: another node may have made it a moment ago. f merges what it
// finds, and sees to it that it doesn't look too often.
func (k *Keys) Ask(f func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ask = f
}

func (k *Keys) newest() (dayKey, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if len(k.days) == 0 {
		return dayKey{}, false
	}
	return k.days[len(k.days)-1], true
}

// find returns the keys of an id that are kept at now, which is none or one;
// two nodes could by a rare chance have made two.
func (k *Keys) find(id string, now time.Time) []dayKey {
	found, ask := k.known(id, now)
	if len(found) > 0 || ask == nil || !isID(id) {
		return found
	}
	if day, _ := time.Parse(time.DateOnly, id[:len(time.DateOnly)]); now.Sub(day).Abs() > KeepKeys+ahead {
		return nil // nobody has it any more
	}
	ask()
	found, _ = k.known(id, now)
	return found
}

func (k *Keys) known(id string, now time.Time) (found []dayKey, ask func()) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, d := range k.days {
		if d.ID == id && d.kept(now) {
			found = append(found, d)
		}
	}
	return found, k.ask
}

// isID says whether a string looks like a key's id.
func isID(id string) bool {
	n := len(time.DateOnly)
	if len(id) != n && (len(id) != n+5 || id[n] != '-' || strings.Trim(id[n+1:], "abcdefghijklmnopqrstuvwxyz234567") != "") {
		return false
	}
	_, err := time.Parse(time.DateOnly, id[:n])
	return err == nil
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

var errDamaged = errors.New("read evidence keys: a day or its key is damaged")

func (s storedDay) read() (dayKey, bool) {
	d := s.dayKey
	copy(d.Key[:], s.Key)
	return d, isID(d.ID) && len(s.Key) == 32
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
	for _, stored := range s.Days {
		d, ok := stored.read()
		if !ok {
			return errDamaged
		}
		days = append(days, d)
	}
	slices.SortFunc(days, byAge)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.days = days
	return nil
}
