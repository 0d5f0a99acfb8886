package web

import (
	"encoding/json"
	"strings"
	"testing"

	"hearth/room"
)

func TestDecodeTakesExactlyWhatTheWireSays(t *testing.T) {
	good := `{"t":"do","n":1,"act":"say","with":{"turn":3,"text":"hi"}}`
	var d Do
	if err := decode([]byte(" "+good+" \n"), &d); err != nil || d.N != 1 || d.Act != "say" {
		t.Fatalf("%s: %+v, %v", good, d, err)
	}
	for what, bad := range map[string]string{
		"nothing":             ``,
		"not JSON":            `{"t":`,
		"not an object":       `[]`,
		"a text":              `"do"`,
		"null":                `null`,
		"a missing field":     `{"t":"do","act":"say","with":{}}`,
		"a field too many":    `{"t":"do","n":1,"act":"say","extra":1}`,
		"a field in capitals": `{"t":"do","N":1,"act":"say"}`,
		"a field twice":       `{"t":"do","n":1,"n":2,"act":"say"}`,
		"a null field":        `{"t":"do","n":null,"act":"say"}`,
		"a text for a number": `{"t":"do","n":"1","act":"say"}`,
		"a fraction":          `{"t":"do","n":1.5,"act":"say"}`,
		"below zero":          `{"t":"do","n":-1,"act":"say"}`,
		"too big a number":    `{"t":"do","n":18446744073709551616,"act":"say"}`,
		"a number for a text": `{"t":"do","n":1,"act":7}`,
		"trailing data":       good + `{}`,
		"trailing rubbish":    good + `x`,
		"a field without end": `{"t":"do","n":1,"act":"say"`,
		"many fields":         `{` + strings.Repeat(`"a":1,`, 20) + `"t":"do"}`,
		"deep":                `{"t":"do","n":1,"act":"say","with":` + strings.Repeat("[", 8000) + `}`,
	} {
		var d Do
		if err := decode([]byte(bad), &d); err == nil {
			t.Errorf("%s was taken: %.80s", what, bad)
		}
	}
}

func TestDecodeReadsWhatIsInside(t *testing.T) {
	var h Hello
	in := `{"t":"hello","ticket":"x","session":"s","name":"Ada","resume":{"epoch":"e","seq":9}}`
	if err := decode([]byte(in), &h); err != nil || h.Resume == nil || h.Resume.Seq != 9 {
		t.Fatalf("%+v, %v", h, err)
	}
	for _, bad := range []string{`{"epoch":"e"}`, `{"epoch":"e","seq":9,"x":1}`, `null`, `[]`} {
		in := `{"t":"hello","ticket":"x","session":"s","name":"Ada","resume":` + bad + `}`
		if err := decode([]byte(in), new(Hello)); err == nil {
			t.Errorf("resume %s was taken", bad)
		}
	}
}

func TestErrorsOfDecodeHoldNothingOfTheInput(t *testing.T) {
	for _, in := range []string{
		`{"secret":1}`, `{"t":"do","n":"secret","act":"say"}`, `{"t":"do","n":1,"act":"say","with":secret}`,
	} {
		err := decode([]byte(in), new(Do))
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestActsComeWithTheirOwnFieldsOnly(t *testing.T) {
	for _, c := range []struct {
		act, with string
		want      room.Act
	}{
		{"take", `{"turn":4}`, room.Take{Turn: 4}},
		{"say", `{"turn":4,"text":" hi "}`, room.Say{Turn: 4, Text: "hi"}},
		{"name", `{"name":"ADA"}`, room.Call{Name: "ADA", Key: "ada"}},
		{"leave", `{}`, room.Leave{}},
		{"leave", ``, room.Leave{}},
		{"leave", `{"fine":true}`, room.Leave{Fine: true}},
		{"hold", `{"why":"breath"}`, room.SetHold{Why: room.HoldBreath}},
		{"deputy", `{"seat":"s","on":true}`, room.NameDeputy{Seat: "s", On: true}},
	} {
		var with []byte
		if c.with != "" {
			with = []byte(c.with)
		}
		if a, no := decodeAct(acts, room.Capability(c.act), with); no != nil || a != c.want {
			t.Errorf("%s %s: %#v, %v; want %#v", c.act, c.with, a, no, c.want)
		}
	}
	for _, c := range []struct {
		act, with string
		want      room.Code
	}{
		{"take", `{}`, Malformed},
		{"take", `{"turn":4,"seat":"x"}`, Malformed},
		{"take", `{"turn":"4"}`, Malformed},
		{"take", `[]`, Malformed},
		{"name", `{"name":"Ada","Key":"x"}`, Malformed},
		{"name", `{"name":"Ada","key":"x"}`, Malformed},
		{"name", `{"name":""}`, room.NameNeeded},
		{"say", `{"turn":1,"text":"\u0000"}`, room.NoWords},
		{"guard", `{"text":" "}`, room.NoWords},
		{"fly", `{}`, UnknownCommand},
		{"arrive", `{}`, UnknownCommand},
		{"timer", `{}`, UnknownCommand},
		{"react", `{"kind":"snap"}`, UnknownCommand}, // a signal, not numbered
	} {
		if a, no := decodeAct(acts, room.Capability(c.act), []byte(c.with)); no == nil || no.Code != c.want {
			t.Errorf("%s %s: %#v, %v; want %s", c.act, c.with, a, no, c.want)
		}
	}
}

// Every code has a sentence, and none of ours is one of the room's.
func TestEveryCodeSaysSomething(t *testing.T) {
	for _, c := range Codes() {
		if refuse(c).Say == "" {
			t.Errorf("%s says nothing", c)
		}
		for _, theirs := range room.Codes() {
			if c == theirs {
				t.Errorf("%s is a code of the room too", c)
			}
		}
		if c == SlowDown {
			continue
		}
	}
	if got := refuseWait(newTestFace(t).texts[0], 1500*1e6).Say; !strings.Contains(got, "2 seconds") {
		t.Errorf("a wait of 1.5 s says %q", got)
	}
}

// FuzzFrame throws anything at the decoder that a client can send.
func FuzzFrame(f *testing.F) {
	for _, s := range []string{
		`{"t":"hello","ticket":"x","session":"abcdefghijklmnop","name":"Ada","resume":{"epoch":"e","seq":1}}`,
		`{"t":"do","n":1,"act":"say","with":{"turn":1,"text":"hi"}}`,
		`{"t":"do","n":2,"act":"mute","with":{"seat":"s","minutes":5}}`,
		`{"t":"signal","act":"react","with":{"kind":"snap"}}`,
		`{"t":"do","n":1,"n":1}`, `[]`, `{`, `{"t":"do","with":{"a":{"b":[1,2,{}]}}}`, `{"":1}`, "{\"\xff\":1}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		kindOf(raw)
		numberOf(raw)
		var h Hello
		if decode(raw, &h) == nil {
			name(h.Name, h.Pronouns)
		}
		var d Do
		if decode(raw, &d) == nil {
			a, no := decodeAct(acts, d.Act, d.With)
			if (a == nil) && no == nil {
				t.Fatalf("%q: neither an act nor a refusal", raw)
			}
			if again, err := json.Marshal(d); err != nil || decode(again, new(Do)) != nil {
				t.Fatalf("%q was taken and its like is not: %q, %v", raw, again, err)
			}
		}
		var s Signal
		if decode(raw, &s) == nil {
			decodeAct(signals, s.Act, s.With)
		}
	})
}
