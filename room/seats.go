package room

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
)

// SeatIDs is a long list of seats. Where all of them are UUIDs, as they are but
// for tests, it is stored as one text of 16 bytes each, in base64url: half of
// what a list takes. Lists read too; earlier versions stored them.
type SeatIDs []SeatID

func (ids SeatIDs) MarshalJSON() ([]byte, error) {
	var packed []byte
	for _, id := range ids {
		b, ok := uuidBytes(id)
		if !ok {
			return encode([]SeatID(ids))
		}
		packed = append(packed, b...)
	}
	return encode(base64.RawURLEncoding.EncodeToString(packed))
}

func (ids *SeatIDs) UnmarshalJSON(b []byte) error {
	if b[0] != '"' {
		return json.Unmarshal(b, (*[]SeatID)(ids))
	}
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	packed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(packed)%16 != 0 {
		return errors.New("a list of seats does not read")
	}
	*ids = nil
	for ; len(packed) > 0; packed = packed[16:] {
		*ids = append(*ids, uuidOf(packed[:16]))
	}
	return nil
}

// uuidBytes returns the bytes of a UUID as it is written here; false for
// anything else.
func uuidBytes(id SeatID) ([]byte, bool) {
	if len(id) != 36 {
		return nil, false
	}
	b, err := hex.DecodeString(string(id[:8] + id[9:13] + id[14:18] + id[19:23] + id[24:]))
	return b, err == nil && uuidOf(b) == id
}

func uuidOf(b []byte) SeatID {
	h := hex.EncodeToString(b)
	return SeatID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}
