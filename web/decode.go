package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"hearth/room"
)

// decode reads one JSON object into the struct that into points to, and
// nothing else: every field that is not omitempty must be there, no other
// may, each once, none null, and nothing may follow. Fields are matched by
// their exact tag. The error is for a log, not for a person, and holds
// nothing of the input.
func decode(raw []byte, into any) error {
	fields, err := object(raw)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	for i := range v.NumField() {
		tag, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if tag == "-" {
			continue
		}
		value, ok := fields[tag]
		delete(fields, tag)
		switch {
		case ok:
			if err := decodeField(value, v.Field(i)); err != nil {
				return fmt.Errorf("field %s: %w", tag, err)
			}
		case option != "omitempty":
			return fmt.Errorf("field %s is missing", tag)
		}
	}
	if len(fields) > 0 {
		return errors.New("a field too many")
	}
	return nil
}

func decodeField(raw json.RawMessage, v reflect.Value) error {
	switch {
	case string(raw) == "null":
		return errors.New("null")
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decode(raw, v.Interface())
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct {
		return decodeList(raw, v)
	}
	if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
		return fmt.Errorf("not a %s", v.Kind())
	}
	return nil
}

// mostItems is how many objects a list of the wire may have.
const mostItems = 32

func decodeList(raw json.RawMessage, v reflect.Value) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return errors.New("not a list")
	}
	if len(items) > mostItems {
		return errors.New("a list too long")
	}
	list := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := decode(item, list.Index(i).Addr().Interface()); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

// mostFields is how many fields an object of the wire may have.
const mostFields = 16

// object splits a JSON object into its fields, each of which may be there
// once.
func object(raw []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	fields := make(map[string]json.RawMessage, 8)
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, errors.New("not JSON")
		}
		name, _ := key.(string) // the decoder lets nothing else be a key
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errors.New("not JSON")
		}
		if _, twice := fields[name]; twice || len(fields) == mostFields {
			return nil, errors.New("a field twice, or too many")
		}
		fields[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("not JSON")
	}
	if rest := bytes.TrimLeft(raw[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return nil, errors.New("something after the object")
	}
	return fields, nil
}

// kindOf returns the type of a frame, "" if it has none that can be read.
func kindOf(raw []byte) string {
	var f struct {
		T string `json:"t"`
	}
	if json.Unmarshal(raw, &f) != nil {
		return ""
	}
	return f.T
}

// numberOf returns the number of a do that could not be decoded, 0 if it has
// none that can be read.
func numberOf(raw []byte) uint64 {
	var f struct {
		N uint64 `json:"n"`
	}
	if json.Unmarshal(raw, &f) != nil {
		return 0
	}
	return f.N
}

// actDecoder reads the "with" of one act.
type actDecoder func(with []byte) (room.Act, error)

func actOf[A room.Act](with []byte) (room.Act, error) {
	var a A
	if with == nil {
		with = []byte("{}")
	}
	err := decode(with, &a)
	return a, err
}

// acts says how each numbered act of the wire is decoded.
var acts = map[room.Capability]actDecoder{
	room.Take{}.Can():       actOf[room.Take],
	room.Decline{}.Can():    actOf[room.Decline],
	room.Later{}.Can():      actOf[room.Later],
	room.Pass{}.Can():       actOf[room.Pass],
	room.Say{}.Can():        actOf[room.Say],
	room.Listen{}.Can():     actOf[room.Listen],
	room.Retract{}.Can():    actOf[room.Retract],
	room.Call{}.Can():       actOf[room.Call],
	room.Leave{}.Can():      actOf[room.Leave],
	room.Next{}.Can():       actOf[room.Next],
	room.Offer{}.Can():      actOf[room.Offer],
	room.Skip{}.Can():       actOf[room.Skip],
	room.Lay{}.Can():        actOf[room.Lay],
	room.MoreTime{}.Can():   actOf[room.MoreTime],
	room.OpenFloor{}.Can():  actOf[room.OpenFloor],
	room.SetHold{}.Can():    actOf[room.SetHold],
	room.Release{}.Can():    actOf[room.Release],
	room.Mute{}.Can():       actOf[room.Mute],
	room.Unmute{}.Can():     actOf[room.Unmute],
	room.Remove{}.Can():     actOf[room.Remove],
	room.Guard{}.Can():      actOf[room.Guard],
	room.NameDeputy{}.Can(): actOf[room.NameDeputy],
	room.TakeChair{}.Can():  actOf[room.TakeChair],
	room.HandOver{}.Can():   actOf[room.HandOver],
	room.Close{}.Can():      actOf[room.Close],
	room.SetWish{}.Can():    actOf[room.SetWish],
	room.Hand{}.Can():       actOf[room.Hand],
	room.Consent{}.Can():    actOf[room.Consent],
	room.Go{}.Can():         actOf[room.Go],
	room.Extend{}.Can():     actOf[room.Extend],
	room.Plan{}.Can():       actOf[room.Plan],
	room.Move{}.Can():       actOf[room.Move],
	room.Rally{}.Can():      actOf[room.Rally],
	room.Grant{}.Can():      actOf[room.Grant],
	room.Remind{}.Can():     actOf[room.Remind],
	room.Aside{}.Can():      actOf[room.Aside],
	room.AsideEnd{}.Can():   actOf[room.AsideEnd],
	room.Admit{}.Can():      actOf[room.Admit],
	room.Tell{}.Can():       actOf[room.Tell],
}

// signals says how each lossy act is decoded.
var signals = map[room.Capability]actDecoder{
	room.React{}.Can(): actOf[room.React],
	room.Type{}.Can():  actOf[room.Type],
}

// decodeAct reads an act from one of the tables and brings its words and
// names into their normal form.
func decodeAct(table map[room.Capability]actDecoder, act room.Capability, with []byte) (room.Act, *room.Refusal) {
	read, ok := table[act]
	if !ok {
		return nil, refuse(UnknownCommand)
	}
	a, err := read(with)
	if err != nil {
		return nil, refuse(Malformed)
	}
	var no *room.Refusal
	switch v := a.(type) {
	case room.Say:
		if v.Text, no = words(v.Text); no == nil {
			v.Note, no = maybeWords(v.Note)
		}
		a = v
	case room.Plan:
		no = planWords(v.Stages)
	case room.Guard:
		v.Text, no = words(v.Text)
		a = v
	case room.Tell:
		v.Text, no = words(v.Text)
		a = v
	case room.Call:
		var n *room.Name
		if n, no = name(v.Name, v.Pronouns); no == nil {
			a = room.Call{Name: n.Name, Pronouns: n.Pronouns, Key: n.Key}
		}
	}
	return a, no
}
