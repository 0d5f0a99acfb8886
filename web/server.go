// Package web is how people reach a room: pages, forms, and one websocket per
// tab. PROTOCOL.md beside this file is the wire; wire.go has its types.
//
// A connection's life:
//
//	POST /enter            an invite becomes a seat and its cookie
//	POST /forget           a browser keeps nothing of us any more
//	GET  /c/{handle}       the page
//	POST /c/{handle}/ticket  the cookie becomes a ticket, good once
//	POST /c/{handle}/aside/{id}  or one into an aside of the circle
//	POST /c/{handle}/picture whoever holds the stick shows a picture
//	GET  /c/{handle}/picture/{name}  the others see it
//	GET  /ws               hello{ticket} → hub.Sit → welcome
//	  reader               frame → decode → slow down → Sitting.Do → answer
//	  writer               Sitting.Next → one frame for all that waits
//
// The pages before and around a room work without script, and each kind has
// its files: front*.go the directory, a circle's page, questions and the
// crisis card (crisis.go); enter.go the door; calendar.go and ics.go dates for
// somebody's own calendar; reminders.go, remindersend.go and reminderkeys.go
// mail; office*.go the pages of those who run the house; signin*.go,
// passkeys.go and who.go how they sign in; watch.go that what was ended ends
// here too; report*.go how something is reported; desk*.go the moderators'
// desk, page.go and alarm.go how they are called, doorbell.go how nodes hear of
// what they did; banned.go, statement.go and appeal.go what whoever it concerns
// is told, and how it is looked at again. face.go shows a page in its reader's
// language (language.go), with the texts of package lang. guard.go stands before
// all of them.
//
// Nothing here keeps or logs words, names, tokens or addresses.
package web

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"hearth/circle"
	"hearth/internal/pictures"
	"hearth/moderation"
	"hearth/room"
	"hearth/room/formats"
	"hearth/room/hub"
)

// Config is what a Server is made of.
type Config struct {
	Store     circle.Store
	Tickets   circle.Tickets // nil: in the memory of this node, Limits.Tickets of them
	Hub       *hub.Hub
	Shelf     room.Shelf // nil: no pictures are shown
	Face      *Face
	PublicURL *url.URL       // scheme and host of what people type
	Proxies   []netip.Prefix // whose X-Forwarded-For is believed
	Limits    Limits         // zero fields are those of DefaultLimits
	Seats     int            // what the door says a room holds; 0: what the circle does

	NoDirectory bool // there is no list of circles, and nothing leads to one

	// For the office: what a circle can be made with (nil: the built-in
	// formats), what the program runs with, and how it does (nil: not said).
	Formats  []formats.Format
	Settings []Setting
	Status   func(context.Context) []Condition

	// Reports, and the desk they come to; nil: there is none.
	Desk    moderation.Store
	Keys    *moderation.Keys       // of evidence tags
	Offline []moderation.PublicKey // the organisation's: reports are sealed to it too
	Alarms  []Alarm                // how people are called who aren't at their desk
	Bus     room.Bus               // between nodes, for what may be lost; nil: a node alone

	Mail    Mailer // sends reminders; nil: there are none
	MailKey []byte // with Mail: 32 bytes or more that are in no database, the same for every node

	Random io.Reader        // nil: crypto/rand
	Now    func() time.Time // nil: time.Now
	Meter  Meter            // nil: silent
	// Fault is told what went wrong and where: never words, names, tokens or
	// addresses. Nil: silent.
	Fault func(where string, err error)
}

// Meter counts what happens. Outcomes and reasons are constants of this
// package. Safe for concurrent use.
type Meter interface {
	Connections(delta int)
	Command(outcome string) // of commands that did not reach the room
	Drop(reason string)
}

// Server serves one node's pages and sockets.
type Server struct {
	Config
	hosts map[string]bool // allowed Host headers
	doors *doors          // by address
	seats *desks          // by seat
	keys  *relying        // passkeys; nil: the public URL has no name

	maker   *pictures.Maker
	uploads chan struct{} // holds one for each picture on its way here

	unhelped sync.Map // by circle.ID: those that don't open for want of signposts, told once

	looked  atomic.Int64 // how often Recheck was asked
	bell    bell         // rings when the desk, or who is kept out, has changed
	mailing mailing

	calls    chan struct{} // holds one for each call that is on its way, see Page
	pageless atomic.Bool   // the database couldn't say who is to be called
	watching watching      // the open desks of this node

	draining atomic.Bool
	mu       sync.Mutex // guards sockets
	sockets  map[*socket]struct{}
	gone     sync.WaitGroup // of sockets
}

// New makes a server. It fails only on a Config without store, hub, face or
// public URL.
func New(c Config) (*Server, error) {
	if c.Store == nil || c.Hub == nil || c.Face == nil || c.PublicURL == nil || c.PublicURL.Host == "" {
		return nil, errors.New("web: store, hub, face and public URL are needed")
	}
	c.Limits = c.Limits.withDefaults()
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Tickets == nil {
		c.Tickets = circle.NewTickets(c.Limits.Tickets, c.Random)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Meter == nil {
		c.Meter = silent{}
	}
	if c.Fault == nil {
		c.Fault = func(string, error) {}
	}
	keys, err := newRelying(c.PublicURL, c.Store)
	if err != nil {
		c.Fault("passkeys", err)
	}
	s := &Server{
		Config:  c,
		hosts:   hostsOf(c.PublicURL),
		doors:   newDoors(c.Limits),
		seats:   newDesks(c.Limits),
		keys:    keys,
		maker:   pictures.NewMaker(c.Limits.PicturesWaiting),
		uploads: make(chan struct{}, c.Limits.Uploads),
		calls:   make(chan struct{}, mostCalls),
		sockets: map[*socket]struct{}{},
	}
	if c.Mail != nil {
		if s.mailing.keys, err = newReminderKeys(c.MailKey); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Handler serves everything.
func (s *Server) Handler() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.Face.Home(w, r, HomeData{Directory: !s.NoDirectory}) })
	m.HandleFunc("GET /help", func(w http.ResponseWriter, r *http.Request) { s.Face.Help(w, r, HelpData{}) })
	m.HandleFunc("GET /enter", func(w http.ResponseWriter, r *http.Request) { s.Face.Enter(w, r, EnterData{}) })
	m.HandleFunc("POST /enter", s.enter)
	m.HandleFunc("POST /language", chooseLanguage(m))
	m.HandleFunc("POST /forget", forget)
	m.HandleFunc("GET /c/{handle}", s.circle)
	m.HandleFunc("POST /c/{handle}/ticket", s.ticket)
	m.HandleFunc("POST /c/{handle}/aside/{aside}", s.aside)
	if s.Shelf != nil {
		m.HandleFunc("POST /c/{handle}/picture", s.show)
		m.HandleFunc("GET /c/{handle}/picture/{name}", s.picture)
	}
	s.front(m)
	s.signIn(m)
	s.office(m)
	s.reminders(m)
	if s.Desk != nil {
		s.appealPages(m)
	}
	s.reports(m)
	s.moderators(m)
	m.HandleFunc("GET /ws", s.upgrade)
	m.Handle("GET /assets/", s.Face.Assets())
	m.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.problem(w, r, http.StatusNotFound, NotFound) })
	return s.guard(m)
}

// HTTP returns an http.Server for Handler with the timeouts it needs. What
// net/http would log names addresses, so it is dropped.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10, // one cookie for every seat of a day
		ErrorLog:          quiet(),
	}
}

// Drain tells every socket that this server restarts, then closes them with
// CloseMoving, spread over Limits.DrainSpread. New ones are refused. It
// returns when all are gone; when ctx ends, what is left is cut.
func (s *Server) Drain(ctx context.Context) {
	s.draining.Store(true)
	for _, c := range s.open() {
		go c.moveOn()
	}
	s.moveDesks()
	gone := make(chan struct{})
	go func() { s.gone.Wait(); close(gone) }()
	select {
	case <-gone:
		return
	case <-ctx.Done():
	}
	for _, c := range s.open() {
		c.line.Close()
	}
	s.cutDesks()
	<-gone
}

// open lists the sockets there are.
func (s *Server) open() []*socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*socket, 0, len(s.sockets))
	for c := range s.sockets {
		all = append(all, c)
	}
	return all
}

// add counts a socket in; false when the server drains.
func (s *Server) add(c *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining.Load() {
		return false
	}
	s.sockets[c] = struct{}{}
	s.gone.Add(1)
	s.Meter.Connections(1)
	return true
}

func (s *Server) drop(c *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sockets, c)
	s.Meter.Connections(-1)
	s.gone.Done()
}

// jitter returns a random part of d.
func (s *Server) jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	n, err := rand.Int(s.Random, big.NewInt(int64(d)))
	if err != nil {
		return d / 2
	}
	return time.Duration(n.Int64())
}

type silent struct{}

func (silent) Connections(int) {}
func (silent) Command(string)  {}
func (silent) Drop(string)     {}
