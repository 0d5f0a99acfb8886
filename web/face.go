package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"hearth/room"
	"hearth/web/lang"
)

// PagePolicy is the Content-Security-Policy of every page. Nothing inline,
// nothing from anywhere else, no HTML made from text.
const PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'"

// MaxPacked bounds what a member's page loads as it travels, script and style
// minified and compressed: 40 KB are eight tenths of a second on 400 kbit/s. MaxBundle bounds them as a phone has to read them.
const (
	MaxPacked = 40_000
	MaxBundle = 130_000
)

//go:embed face/*.html face/*.ts face/*.css face/*.svg
var faceFiles embed.FS

// FaceOptions are what a Face is made of. Zero values mean the defaults.
type FaceOptions struct {
	Crisis  *Crisis // nil: BuiltInCrisis
	LeaveTo string  // where "Leave quickly" goes; empty: about:blank, which works with the line down
}

// Face renders every page a person sees, and serves what they load.
type Face struct {
	texts   []*lang.Texts
	pages   map[string]map[string]*template.Template // by language and name
	assets  map[string]asset                         // by file name
	paths   assetPaths                               // those of the first language
	loads   map[string]assetPaths                    // by language
	crisis  *Crisis
	leaveTo string
	keeper  []byte // the script that keeps the crisis card on a device
}

// NewFace bundles script and style and parses the pages. An error is a fault
// in the sources, or a LeaveTo that is neither about:blank nor https.
func NewFace(o FaceOptions) (*Face, error) {
	f := &Face{assets: map[string]asset{}, crisis: o.Crisis, leaveTo: o.LeaveTo}
	if f.leaveTo == "" {
		f.leaveTo = "about:blank"
	}
	if f.leaveTo != "about:blank" && !secureURL(f.leaveTo) {
		return nil, fmt.Errorf("web: face: leave-to %q is neither about:blank nor an https address", f.leaveTo)
	}
	var err error
	if f.crisis == nil {
		if f.crisis, err = BuiltInCrisis(); err != nil {
			return nil, err
		}
	}
	if f.texts, err = lang.Load(); err != nil {
		return nil, fmt.Errorf("web: face: %w", err)
	}
	src, err := fs.Sub(faceFiles, "face")
	if err != nil {
		return nil, fmt.Errorf("web: face: %w", err)
	}
	if err := f.addAssets(src); err != nil {
		return nil, err
	}
	if err := f.parsePages(src); err != nil {
		return nil, err
	}
	return f, f.addWorker(src)
}

// partials are templates that pages share; every other file is a page.
var partials = []string{"base.html", "signposts.html", "drawings.html", "dates.html", "office-parts.html", "statement.html"}

// parsePages parses every page once for each language, with its texts as the
// function t.
func (f *Face) parsePages(src fs.FS) (err error) {
	names, err := fs.Glob(src, "*.html")
	if err != nil {
		return fmt.Errorf("web: face: %w", err)
	}
	f.pages = map[string]map[string]*template.Template{}
	for _, l := range f.texts {
		funcs := template.FuncMap{"tel": tel, "sms": sms, "t": l.T, "day": l.Day, "date": l.Date, "clock": l.Clock, "when": l.DayAndTime, "duration": l.Duration}
		base, err := template.New("base.html").Funcs(funcs).ParseFS(src, partials...)
		if err != nil {
			return fmt.Errorf("web: face: %w", err)
		}
		f.pages[l.Tag] = map[string]*template.Template{}
		for _, name := range names {
			if slices.Contains(partials, name) {
				continue
			}
			t, err := base.Clone()
			if err == nil {
				t, err = t.ParseFS(src, name)
			}
			if err != nil {
				return fmt.Errorf("web: face: %w", err)
			}
			f.pages[l.Tag][strings.TrimSuffix(name, ".html")] = t
		}
	}
	return nil
}

// tel and sms make links of a checked number: html/template trusts neither
// scheme by itself.
func tel(s Signpost) template.URL { return template.URL("tel:" + s.Digits()) }
func sms(s Signpost) template.URL { return template.URL("sms:" + s.Digits()) }

// HomeData is what the first page shows.
type HomeData struct {
	Directory bool // there is a list of circles
}

// EnterData is what the way in shows.
type EnterData struct {
	Status  int    // 0: 200
	Problem string // a kind sentence, the same for every code that doesn't open
	Closed  bool   // the code is right, the circle isn't open now
}

// CircleData is what a circle's page shows before anything is live.
type CircleData struct {
	Handle    string
	Circle    string // names it on the person's own device, the same at every gathering
	Title     string
	Prompt    string
	Rules     []string
	Role      room.Role // as invited
	Country   string    // ISO 3166, whose help is shown first; the member's choice wins
	Capacity  int       // seats; 0: not said
	Keeper    string    // who keeps the circle, if that may be said; else empty
	Called    string    // what somebody is called who is signed in; else empty
	Goodbye   string    // for the page after the close, as are Next and Resources
	Next      string    // when it meets again
	Resources []string  // where to find more, a line each

	Owed []statementData // decisions that whoever comes is told of at the door
}

// HelpData is what the crisis page shows.
type HelpData struct {
	Country string // chosen; empty: nothing is chosen yet
}

// page is what every template sees: its own data in D.
type page struct {
	Lang    *lang.Texts
	Langs   []lang.Language
	Here    string // path of the page, to come back to
	Assets  assetPaths
	LeaveTo template.URL
	Crisis  []posts
	Choice  string // the region shown first, "" for none
	Chosen  bool   // Choice was chosen, even if it is ""
	D       any
}

// posts are the signposts of one choice on the card.
type posts struct {
	Country
	List []Signpost
}

// in returns the signposts as a language says them.
func (p posts) in(tag string) []Signpost {
	list := slices.Clone(p.List)
	for i, s := range list {
		list[i] = s.In(tag)
	}
	return list
}

// Home shows what Hearth is, and the way in.
func (f *Face) Home(w http.ResponseWriter, r *http.Request, d HomeData) {
	f.render(w, r, "home", http.StatusOK, f.page("", d))
}

// Enter shows the way in: script trades the code in the URL's fragment for a
// seat, without script there is a field for it.
func (f *Face) Enter(w http.ResponseWriter, r *http.Request, d EnterData) {
	if d.Status == 0 {
		d.Status = http.StatusOK
	}
	f.render(w, r, "enter", d.Status, f.page("", d))
}

// Circle shows a circle: its door, and the room behind it.
func (f *Face) Circle(w http.ResponseWriter, r *http.Request, d CircleData) {
	f.render(w, r, "circle", http.StatusOK, f.page(d.Country, d))
}

// Help shows the crisis page, which needs no script. The country in the
// query ("country") was chosen by the person and wins over d's.
func (f *Face) Help(w http.ResponseWriter, r *http.Request, d HelpData) {
	q := r.URL.Query()
	if q.Has("country") {
		d.Country = q.Get("country")
	}
	p := f.page(d.Country, d)
	p.Chosen = q.Has("country") || p.Choice != ""
	f.render(w, r, "help", http.StatusOK, p)
}

// Problem shows that something is not there or did not work: a title and one
// kind sentence, never an error's own text.
func (f *Face) Problem(w http.ResponseWriter, r *http.Request, status int, title, say string) {
	f.render(w, r, "problem", status, f.page("", struct{ Title, Say string }{title, say}))
}

// show renders a page of the front or the office with its data, which its
// template sees as .D.
func (f *Face) show(w http.ResponseWriter, r *http.Request, name string, status int, d any) {
	f.render(w, r, name, status, f.page("", d))
}

func (f *Face) page(country string, d any) page {
	p := page{
		Assets: f.paths, LeaveTo: template.URL(f.leaveTo),
		Choice: f.crisis.Choice(country), D: d,
	}
	for _, c := range f.crisis.Countries() {
		p.Crisis = append(p.Crisis, posts{c, f.crisis.For(c.Code)})
	}
	return p
}

// render writes a page, compressed for whoever takes it: no page has a secret
// beside what a stranger could put into it. What is reflected is a search in
// the public directory; codes and links are shown only in answer to a form
// that our own pages sent; and a seat's secret is in a cookie and no page. So
// the length of an answer tells nothing (BREACH). A page that can't be rendered is a fault in its
// template, which tests find: the person gets a plain sentence.
func (f *Face) render(w http.ResponseWriter, r *http.Request, name string, status int, p page) {
	p.Langs, p.Here = lang.Languages, r.URL.Path
	if p.Lang == nil {
		p.Lang = f.in(r)
	}
	p.Crisis, p.Assets = p.crisisIn(p.Lang), f.loads[p.Lang.Tag]
	var b bytes.Buffer
	root, policy := "base.html", PagePolicy
	if name == cardPage {
		root, policy = "card.html", CardPolicy
	}
	if err := f.pages[p.Lang.Tag][name].ExecuteTemplate(&b, root, p); err != nil {
		http.Error(w, p.Lang.T("problem.unshown"), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy)
	// same-origin, not no-referrer: that one would turn the Origin of our
	// own forms into null.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding, Accept-Language, Cookie")
	body := b.Bytes()
	if unpacks(r) {
		h.Set("Content-Encoding", "gzip")
		body = packed(body, gzip.DefaultCompression)
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // a browser that went away needs no answer
	}
}

// PastedCode returns the code in what a person pasted: the code itself or
// the whole link.
func PastedCode(s string) string {
	if i := strings.LastIndexByte(s, '#'); i >= 0 {
		s = s[i+1:]
	}
	return strings.TrimSpace(s)
}
