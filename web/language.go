package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"hearth/web/lang"
)

// langCookie holds the language that somebody chose; langLife is how long.
const (
	langCookie = "__Host-hearth-lang"
	langLife   = 365 * 24 * time.Hour
)

// in returns the language that a request is answered in: the one that was
// chosen, else what the browser asks for.
func (f *Face) in(r *http.Request) *lang.Texts {
	chosen := ""
	if c, err := r.Cookie(langCookie); err == nil {
		chosen = c.Value
	}
	return lang.Pick(f.texts, chosen, r.Header.Get("Accept-Language"))
}

// chooseLanguage keeps the language that somebody chose in their browser, and shows
// the page again that they were on. What m doesn't show to a GET leads to the
// first page.
func chooseLanguage(m *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		chosen := r.PostFormValue("language")
		if slices.ContainsFunc(lang.Languages, func(l lang.Language) bool { return l.Tag == chosen }) {
			setCookie(w, langCookie, chosen, langLife)
		}
		http.Redirect(w, r, shownAt(m, r.PostFormValue("to")), http.StatusSeeOther)
	}
}

// shownAt returns a path of ours that shows a page, or that of the first.
func shownAt(m *http.ServeMux, path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(path, oddInPath) {
		return "/"
	}
	_, pattern := m.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: u.Path}})
	if !strings.HasPrefix(pattern, http.MethodGet+" ") {
		return "/"
	}
	return u.EscapedPath()
}

// oddInPath says whether a browser could take a character for more than it is.
func oddInPath(r rune) bool { return r == '\\' || r < ' ' || r == 0x7f }
