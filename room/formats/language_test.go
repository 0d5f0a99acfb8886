package formats

import (
	"io/fs"
	"path"
	"testing"

	"hearth/room"
)

// A format is the same circle in every language: the same stages of the same
// kind, order and time, and the same number of rules. Only what people read is
// another.
func TestIn(t *testing.T) {
	all, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		es := f.In("es-MX")
		if es.Name != f.Name || es.Description == f.Description || es.Opening == f.Opening || es.Goodbye == f.Goodbye {
			t.Errorf("%s isn't in Spanish: %q", f.Name, es.Description)
		}
		if len(es.Rules) != len(f.Rules) || len(es.Resources) != len(f.Resources) || es.Graces != f.Graces || len(es.Agenda) != len(f.Agenda) {
			t.Fatalf("%s is another circle in Spanish", f.Name)
		}
		for i, g := range f.Agenda {
			o := es.Agenda[i]
			if o.Prompt == g.Prompt || o.Cue == g.Cue {
				t.Errorf("%s: stage %q isn't in Spanish", f.Name, g.Title)
			}
			if bare(o) != bare(g) {
				t.Errorf("%s: stage %q is %+v, in Spanish %+v", f.Name, g.Title, bare(g), bare(o))
			}
		}
		if in := f.In("xx"); in.Opening != f.Opening {
			t.Errorf("%s in a language that isn't there: %q", f.Name, in.Opening)
		}
		own := f
		own.Opening = "Our own welcome."
		if got := own.In("es"); got.Opening != own.Opening {
			t.Errorf("an operator's %s was replaced: %q", f.Name, got.Opening)
		}
	}
}

// bare is a stage without what people read.
func bare(g room.Stage) room.Stage {
	g.Title, g.Prompt, g.Cue = "", "", ""
	return g
}

// Every file in another language is of a format that there is.
func TestInHasNoStrays(t *testing.T) {
	names, err := fs.Glob(files, "*/*.toml")
	if err != nil || len(names) == 0 {
		t.Fatalf("%v, %v", names, err)
	}
	for _, name := range names {
		if _, err := fs.Stat(files, path.Base(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(files, name); err != nil {
			t.Error(err)
		}
	}
}
