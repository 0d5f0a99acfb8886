package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
	"golang.org/x/sync/errgroup"

	"hearth/web/lang"
)

// asset is one file to load, under a name that changes when it does.
type asset struct {
	kind        string // media type
	plain, gzip []byte
}

// assetPaths is where a page finds what it loads.
type assetPaths struct {
	Script, Style, Icon string
	Ahead               []string // what Script can't begin without, for the browser to ask for at once
	Board, Keeper       string   // script and style that whoever keeps the circle needs beside these
	Front, FrontStyle   string   // script of every other page, and style beside Style
	Office, OfficeStyle string   // and of the pages for those who run the house, beside those
	Desk, DeskStyle     string   // script of the moderators' desk, by itself; style beside OfficeStyle
}

// What is bundled: style once, script for each language.
var (
	styleEntries  = []string{"face.css", "keeper.css", "front.css", "office.css", "desk.css"}
	scriptEntries = []string{"face.ts", "front.ts", "office.ts", "desk.ts"}
)

// addAssets bundles what pages load: style once, script once for each
// language, with the texts of that language alone in it.
func (f *Face) addAssets(src fs.FS) error {
	entries, styles, scripts := slices.Clone(styleEntries), len(styleEntries), len(scriptEntries)
	for range f.texts {
		entries = append(entries, scriptEntries...)
	}
	all := make([]*made, len(entries))
	var g errgroup.Group
	for i, entry := range entries {
		g.Go(func() (err error) {
			all[i], err = bundleIn(src, entry, f.texts[max(0, i-styles)/scripts])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, m := range all {
		kind := "text/javascript; charset=utf-8"
		if path.Ext(entries[i]) == ".css" {
			kind = "text/css; charset=utf-8"
		}
		for file, body := range m.files {
			f.keep(file, kind, body)
		}
	}
	icon, err := fs.ReadFile(src, "icon.svg")
	if err != nil {
		return fmt.Errorf("web: face: %w", err)
	}
	at := func(i int) string { return assetsAt + all[i].entry }
	f.paths = assetPaths{Icon: f.add("icon", ".svg", "image/svg+xml", icon), Style: at(0), Keeper: at(1), FrontStyle: at(2), OfficeStyle: at(3), DeskStyle: at(4)}
	f.loads = map[string]assetPaths{}
	for i, l := range f.texts {
		p, room := f.paths, styles+scripts*i
		p.Script, p.Front, p.Office, p.Desk = at(room), at(room+1), at(room+2), at(room+3)
		p.Ahead, p.Board = all[room].ahead, all[room].later["keeping"]
		f.loads[l.Tag] = p
	}
	f.paths = f.loads[f.texts[0].Tag]
	return nil
}

// assetsAt is where assets are served.
const assetsAt = "/assets/"

// add keeps an asset and returns the path it is served at.
func (f *Face) add(name, ext, kind string, body []byte) string {
	sum := sha256.Sum256(body)
	file := name + "-" + hex.EncodeToString(sum[:8]) + ext
	f.keep(file, kind, body)
	return assetsAt + file
}

// keep keeps an asset under a name that changes with what is in it.
func (f *Face) keep(file, kind string, body []byte) {
	f.assets[file] = asset{kind: kind, plain: body, gzip: packed(body, gzip.BestCompression)}
}

func packed(body []byte, level int) []byte {
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, level) // a level there is
	w.Write(body)                          // a bytes.Buffer takes everything
	w.Close()
	return z.Bytes()
}

// unpacks says whether a browser takes gzip.
func unpacks(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") }

// made is what bundle makes: files by name, and the paths of those that the
// entry can't begin without, and of those that it loads later, by module.
type made struct {
	entry string
	files map[string][]byte
	ahead []string
	later map[string]string
}

// bundle makes an entry that says nothing.
func bundle(src fs.FS, entry string) (*made, error) { return bundleIn(src, entry, nil) }

// bundle joins and minifies an entry and what it imports. What is imported
// only once it is needed, import("…"), becomes a file of its own. esbuild
// resolves an entry relative to the working directory, so a plugin answers
// for all paths, from src alone, and for the texts in a language.
func bundleIn(src fs.FS, entry string, in *lang.Texts) (*made, error) {
	out := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, Bundle: true, Splitting: true, Outdir: "/", Metafile: true,
		EntryNames: "[name]-[hash]", ChunkNames: "[name]-[hash]",
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8,
		LegalComments: api.LegalCommentsNone, TsconfigRaw: "{}", LogLevel: api.LogLevelSilent,
		Plugins: []api.Plugin{{Name: "face", Setup: func(b api.PluginBuild) { fromFS(b, src, in) }}},
	})
	if len(out.Errors) > 0 {
		said := api.FormatMessages(out.Errors, api.FormatMessagesOptions{Kind: api.ErrorMessage})
		return nil, errors.New("web: face: " + strings.Join(said, ""))
	}
	m := &made{files: map[string][]byte{}, later: map[string]string{}}
	for _, f := range out.OutputFiles {
		m.files[path.Base(f.Path)] = f.Contents
	}
	return m, m.read(out.Metafile, entry)
}

// read finds out what needs what in what esbuild tells of its files.
func (m *made) read(meta, entry string) error {
	var told struct {
		Outputs map[string]struct {
			EntryPoint string
			Imports    []struct{ Path, Kind string }
		}
	}
	if err := json.Unmarshal([]byte(meta), &told); err != nil {
		return fmt.Errorf("web: face: %s: %w", entry, err)
	}
	for file, o := range told.Outputs {
		switch from := strings.TrimPrefix(o.EntryPoint, "face:"); {
		case from == entry:
			m.entry = path.Base(file)
			for _, i := range o.Imports {
				if i.Kind == "import-statement" {
					m.ahead = append(m.ahead, assetsAt+path.Base(i.Path))
				}
			}
		case from != "":
			m.later[strings.TrimSuffix(from, path.Ext(from))] = assetsAt + path.Base(file)
		}
	}
	if m.files[m.entry] == nil {
		return fmt.Errorf("web: face: %s made nothing", entry)
	}
	return nil
}

// textsModule is how a module of texts is named, by the part of the catalogue
// that it is made of; the file in the sources is the one in English, for the
// TypeScript compiler to check its use.
const textsModule = "says-"

func fromFS(b api.PluginBuild, src fs.FS, in *lang.Texts) {
	loaders := map[string]api.Loader{".ts": api.LoaderTS, ".css": api.LoaderCSS}
	b.OnResolve(api.OnResolveOptions{Filter: "."}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
		name := path.Clean(a.Path)
		if path.Ext(name) == "" {
			name += ".ts"
		}
		return api.OnResolveResult{Path: name, Namespace: "face"}, nil
	})
	b.OnLoad(api.OnLoadOptions{Filter: ".", Namespace: "face"}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
		if part, ok := strings.CutPrefix(strings.TrimSuffix(a.Path, ".ts"), textsModule); ok && in != nil {
			body := in.Script(part)
			return api.OnLoadResult{Contents: &body, Loader: api.LoaderTS}, nil
		}
		text, err := fs.ReadFile(src, a.Path)
		if err != nil {
			return api.OnLoadResult{}, err
		}
		body := string(text)
		return api.OnLoadResult{Contents: &body, Loader: loaders[path.Ext(a.Path)]}, nil
	})
}

// Assets serves script, style and icon at /assets/, to be kept for ever:
// another content has another name.
func (f *Face) Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := f.assets[strings.TrimPrefix(r.URL.Path, assetsAt)]
		if !ok {
			l := f.in(r)
			f.Problem(w, r, http.StatusNotFound, l.T("problem.notFound"), l.T("problem.asset"))
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := a.plain
		if unpacks(r) {
			h.Set("Content-Encoding", "gzip")
			body = a.gzip
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			w.Write(body) // a browser that went away needs no answer
		}
	})
}
