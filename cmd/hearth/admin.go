package main

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// admin answers the people and programs that run the server. It listens on a
// port of its own, so that no proxy rule can open it to the world by mistake.
//
//	/livez   200 while the process can answer at all
//	/readyz  200 while new people should be sent here, else 503
//	/metrics Prometheus
//	/debug/pprof/
//
// With a token, metrics and pprof ask for it; the two probes never do.
func admin(reg *prometheus.Registry, token Sensitive, ready func() error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.Handle("GET /metrics", behind(token, promhttp.HandlerFor(reg, promhttp.HandlerOpts{})))
	mux.Handle("GET /debug/pprof/", behind(token, http.HandlerFunc(pprof.Index)))
	mux.Handle("GET /debug/pprof/profile", behind(token, http.HandlerFunc(pprof.Profile)))
	mux.Handle("GET /debug/pprof/symbol", behind(token, http.HandlerFunc(pprof.Symbol)))
	mux.Handle("GET /debug/pprof/trace", behind(token, http.HandlerFunc(pprof.Trace)))
	return mux
}

// behind asks for the bearer token. Without one, only who asked for this
// machine by name gets an answer: a web page can point its own name here.
func behind(token Sensitive, next http.Handler) http.Handler {
	want := []byte("Bearer " + string(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "a token is needed", http.StatusUnauthorized)
			return
		}
		if token == "" && !onLocalhost("//"+r.Host) {
			http.Error(w, "please ask for localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
