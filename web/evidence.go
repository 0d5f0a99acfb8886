package web

import (
	"hearth/moderation"
	"hearth/room"
)

// Encoder returns what a hub encodes frames with: JSON, once for all who see
// it, with the evidence tag of what was said. Nil keys leave tags empty.
func Encoder(keys *moderation.Keys) func(room.ID, *room.Frame) []byte {
	return func(id room.ID, f *room.Frame) []byte {
		if f.Said == nil || keys == nil {
			return encode(f)
		}
		said := *f.Said
		said.Tag = keys.Tag(moderation.Evidence{Room: id, Seq: f.Seq, Seat: said.Seat, At: f.At, Words: said.Text})
		tagged := *f
		tagged.Said = &said
		return encode(&tagged)
	}
}
