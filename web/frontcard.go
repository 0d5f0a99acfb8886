package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"hearth/web/lang"
)

// cardPage is the crisis card by itself: one page that needs no script, which
// a device keeps for when the house can't be reached (sw.ts).
const cardPage = "card"

// CardPolicy is the Content-Security-Policy of the card, also where a device
// shows the one it keeps: it loads a stylesheet and sends nothing.
const CardPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// card shows the crisis card, in the language asked for by "lang" if the house
// speaks it.
func (f *Face) card(w http.ResponseWriter, r *http.Request) {
	p := f.page("", nil)
	if i := slices.IndexFunc(f.texts, func(l *lang.Texts) bool { return l.Tag == r.URL.Query().Get("lang") }); i >= 0 {
		p.Lang = f.texts[i]
	}
	f.render(w, r, cardPage, http.StatusOK, p)
}

// worker serves the script that keeps the card. It changes whenever the card
// does, in any language, so that devices get the new one.
func (f *Face) worker(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Write(f.keeper) // a browser that went away needs no answer
}

// addWorker makes the script, which is told what to keep.
func (f *Face) addWorker(src fs.FS) error {
	made, err := bundle(src, "sw.ts")
	if err != nil {
		return err
	}
	if len(made.files) != 1 {
		return errors.New("web: face: sw.ts is more than one file, and a device would keep it only in part")
	}
	all := sha256.New()
	for _, l := range f.texts {
		p := f.page("", nil)
		p.Lang, p.Langs, p.Crisis = l, lang.Languages, p.crisisIn(l)
		var b bytes.Buffer
		if err := f.pages[l.Tag][cardPage].ExecuteTemplate(&b, "card.html", p); err != nil {
			return fmt.Errorf("web: face: %w", err)
		}
		all.Write(b.Bytes())
	}
	told := fmt.Sprintf("const style=%q,version=%q;\n", f.paths.Style, hex.EncodeToString(all.Sum(nil)[:8]))
	f.keeper = append([]byte(told), made.files[made.entry]...)
	return nil
}

// crisisIn returns the signposts with their countries named in a language,
// and in its order; the European Union stays last.
func (p page) crisisIn(l *lang.Texts) []posts {
	all := slices.Clone(p.Crisis)
	for i, c := range all {
		all[i].Name, all[i].List = countryName(l, c.Code), c.in(l.Tag)
		if c.Code == euRegion {
			all[i].Name = l.T("crisis.union")
		}
	}
	slices.SortStableFunc(all, func(a, b posts) int {
		switch {
		case a.Code == euRegion:
			return 1
		case b.Code == euRegion:
			return -1
		}
		return strings.Compare(folded(a.Name), folded(b.Name))
	})
	return all
}
