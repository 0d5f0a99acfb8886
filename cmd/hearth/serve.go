package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"hearth/internal/sqlstore"
	"hearth/moderation"
	"hearth/presence"
	"hearth/room"
	"hearth/room/formats"
	"hearth/room/hub"
	"hearth/room/memlog"
	"hearth/web"
)

// serveCmd has no choices of its own.
type serveCmd struct{}

// Bounds of an orderly end: drainFor until the last socket is cut, endFor for
// everything after it.
const (
	drainFor = 8 * time.Second
	endFor   = 2 * time.Second
)

// keepOver is how long the facts of a gathering are kept after it: as long as
// what was said in it can be quoted in a report.
const keepOver = moderation.KeepKeys

// server is all that runs, in the order it is put together.
type server struct {
	cfg   *Config
	log   *zap.Logger
	kinds []formats.Format
	lock  *lock
	keys  *keyFile
	vault moderation.Vault  // keys of typed texts
	store *sqlstore.Durable // circles, invites, seats
	db    *sqlstore.DB      // and room logs; nil: these are shared
	shared
	public  net.Listener
	admin   net.Listener // nil: off
	url     string
	metrics *metrics
	hub     *hub.Hub
	shelf   room.Shelf // pictures, sealed
	web     *web.Server

	ready atomic.Bool
	stuck atomic.Bool    // the last beat failed
	group sync.WaitGroup // what runs beside the requests
}

// serve runs until SIGTERM or SIGINT, or until ctx ends. A second signal
// ends the process at once.
func serve(ctx context.Context, cfg *Config, out, errs io.Writer) error {
	log, err := newLog(errs, cfg.LogLevel)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer stop()
	s, err := build(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer s.close()
	return s.run(ctx, stop, out)
}

// build puts everything together. What it took it gives back on an error.
func build(ctx context.Context, cfg *Config, log *zap.Logger) (_ *server, err error) {
	s := &server{cfg: cfg, log: log, metrics: newMetrics()}
	s.metrics.tellReady(s.readiness)
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.kinds, err = cfg.formats(); err != nil {
		return nil, err
	}
	if err := makeData(cfg.Data); err != nil {
		return nil, err
	}
	if s.lock, err = takeLock(cfg.Data); err != nil {
		return nil, err
	}
	if err := s.openStore(ctx); err != nil {
		return nil, err
	}
	if err := s.openSecrets(ctx); err != nil {
		return nil, err
	}
	if s.public, err = listen("--listen", cfg.Listen); err != nil {
		return nil, err
	}
	if cfg.AdminListen != "" {
		if s.admin, err = listen("--admin-listen", cfg.AdminListen); err != nil {
			return nil, err
		}
	}
	s.url = cfg.public(s.public.Addr().String())
	if err := s.lock.tell(s.url); err != nil {
		return nil, cantWrite(cfg.Data, err)
	}
	if err := s.buildHub(ctx); err != nil {
		return nil, err
	}
	return s, s.buildWeb()
}

// openStore opens the file of a node alone, or what several share.
func (s *server) openStore(ctx context.Context) (err error) {
	if s.cfg.Redis != "" {
		return s.openShared(ctx)
	}
	if s.db, err = openDB(ctx, s.cfg.Data); err != nil {
		return err
	}
	s.store = s.db.Durable
	return nil
}

func (s *server) buildHub(ctx context.Context) error {
	cfg := hub.Config{
		Presence: presence.NewTable(),
		Encode:   web.Encoder(&s.keys.keys),
		Settings: s.settings,
		Barred:   s.barred,
		Over:     s.over,
		Removed:  s.removed,

		Readmitted: s.readmitted,

		Meter: s.metrics,
		Fault: func(id room.ID, err error) {
			if errors.Is(err, context.Canceled) {
				return // it was asked while the server stopped
			}
			s.log.Error("a room could not go on", zap.String("room", string(id)), zap.Error(err))
		},
	}
	if s.db == nil {
		s.share(&cfg)
	} else {
		alive, err := s.db.LastBeat(ctx)
		if err != nil {
			return fmt.Errorf("read when the server last ran: %w", err)
		}
		cfg.Log, cfg.Shelf = s.db.Log(), memlog.NewShelf(time.Now)
		cfg.Nodes = presence.Alone{ID: uuid.NewString()[:8], Alive: alive, Since: time.Now()}
	}
	s.hub, s.shelf = hub.New(cfg), cfg.Shelf
	return nil
}

func (s *server) buildWeb() error {
	crisis, err := s.crisis()
	if err != nil {
		return err
	}
	face, err := web.NewFace(web.FaceOptions{Crisis: crisis, LeaveTo: s.cfg.LeaveTo})
	if err != nil {
		return fmt.Errorf("the pages can't be made: %w", err)
	}
	public, err := url.Parse(s.url)
	if err != nil {
		return err
	}
	settings, err := s.cfg.shown()
	if err != nil {
		return err
	}
	mail, err := s.cfg.mailer()
	if err != nil {
		return err
	}
	mailKey, err := s.cfg.mailKey()
	if err != nil {
		return err
	}
	c := web.Config{
		Tickets:   s.tickets(),
		Store:     s.store.Circles(),
		Hub:       s.hub,
		Shelf:     s.shelf,
		Face:      face,
		PublicURL: public,
		Proxies:   s.cfg.TrustedProxy,
		Seats:     s.cfg.MaxSeats,

		NoDirectory: s.cfg.NoDirectory,
		Formats:     s.kinds,
		Settings:    settings,
		Status:      s.health,
		Mail:        mail,
		MailKey:     mailKey,

		Meter: s.metrics,
		Fault: func(where string, err error) {
			s.log.Error("something went wrong on our side", zap.String("reason", where), zap.Error(err))
		},
	}
	if err := s.moderate(&c); err != nil {
		return err
	}
	s.web, err = web.New(c)
	return err
}

// moderate gives web what reports and the desk need.
func (s *server) moderate(c *web.Config) (err error) {
	c.Desk, c.Keys = s.store.Desk(s.vault), &s.keys.keys
	if c.Offline, err = s.cfg.offline(); err != nil {
		return err
	}
	if s.redis != nil {
		c.Bus = s.redis.Bus()
	}
	c.Alarms, err = s.cfg.alarms()
	return err
}

// settings are those of a room's circle, with what the operator chose.
func (s *server) settings(ctx context.Context, id room.ID) (room.Settings, error) {
	c, err := s.store.Circles().OfRoom(ctx, id)
	return s.cfg.settings(c.Settings), err
}

func (s *server) barred(id room.ID, seats []room.SeatID) error {
	ctx, cancel := context.WithTimeout(context.Background(), endFor)
	defer cancel()
	return s.store.Circles().Bar(ctx, id, seats...)
}

func (s *server) readmitted(id room.ID, seats []room.SeatID) error {
	ctx, cancel := context.WithTimeout(context.Background(), endFor)
	defer cancel()
	return s.store.Circles().Readmit(ctx, id, seats...)
}

func (s *server) removed(id room.ID) ([]room.SeatID, error) {
	ctx, cancel := context.WithTimeout(context.Background(), endFor)
	defer cancel()
	return s.store.Circles().Removed(ctx, id)
}

func (s *server) over(id room.ID) error {
	ctx, cancel := context.WithTimeout(context.Background(), endFor)
	defer cancel()
	return s.store.Circles().EndRoom(ctx, id, time.Now())
}

// crisis reads the operator's signposts, and warns of those that nobody has
// looked at for half a year.
func (s *server) crisis() (*web.Crisis, error) {
	c, err := s.cfg.signposts()
	if err != nil {
		return nil, err
	}
	if stale := c.Stale(time.Now()); len(stale) > 0 {
		s.log.Warn("some crisis signposts were last checked more than half a year ago", zap.Int("count", len(stale)))
	}
	return c, nil
}

// run serves until ctx ends.
func (s *server) run(ctx context.Context, stop func(), out io.Writer) error {
	ctx, outdate := context.WithCancelCause(ctx)
	defer outdate(nil)
	if err := s.wake(ctx, func() { outdate(errOutdated) }); err != nil {
		return err
	}
	s.beat(ctx, time.Now())
	beside, end := context.WithCancel(context.WithoutCancel(ctx))
	defer s.group.Wait()
	defer end()
	s.group.Go(func() { s.keys.keep(beside, s.vault, s.log) })
	s.group.Go(func() { s.keep(beside) })
	s.group.Go(func() { s.web.Watch(beside) })
	s.group.Go(func() { keepReminding(beside, s.web) })
	s.group.Go(func() { keepPaging(beside, s.web) })

	failed := make(chan error, 2)
	public := s.web.HTTP()
	go func() { failed <- public.Serve(s.public) }()
	if s.admin != nil {
		go func() { failed <- s.adminHTTP().Serve(s.admin) }()
	}
	if err := greet(ctx, out, s.cfg, s.kinds, s.store.Circles(), s.url, time.Now()); err != nil {
		return err
	}
	s.group.Go(func() { s.keepAnchoring(beside) })
	s.ready.Store(true)
	s.log.Info("serving", zap.String("url", s.url), zap.String("addr", s.public.Addr().String()))

	select {
	case err := <-failed:
		return fmt.Errorf("serving stopped: %w", err)
	case <-ctx.Done():
	}
	stop() // from here on a second signal ends the process
	s.drain(public)
	if errors.Is(context.Cause(ctx), errOutdated) {
		return errOutdated
	}
	return nil
}

// wake loads the rooms that are live. Those that nodes share come by
// themselves, if nobody else has them.
func (s *server) wake(ctx context.Context, outdated func()) error {
	if s.db == nil {
		return s.join(ctx, outdated)
	}
	live, err := s.db.Live(ctx)
	if err != nil {
		return fmt.Errorf("read which rooms are live: %w", err)
	}
	s.hub.Wake(ctx, live...)
	return nil
}

// drain lets everybody go, in an order that loses nothing.
func (s *server) drain(public *http.Server) {
	from := time.Now()
	s.ready.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), drainFor)
	defer cancel()
	s.handOver(ctx)
	s.web.Drain(ctx)
	ctx, cancel = context.WithTimeout(context.Background(), endFor)
	defer cancel()
	if err := public.Shutdown(ctx); err != nil {
		_ = public.Close() // a request that hangs has had its time
	}
	s.hub.Stop()
	s.log.Info("stopped", zap.Duration("took", time.Since(from)))
}

func (s *server) adminHTTP() *http.Server {
	return &http.Server{
		Handler:           admin(s.metrics.registry, s.cfg.AdminToken, s.readiness),
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // net/http would name addresses
	}
}

// readiness says why new people should not be sent here; nil: they may.
func (s *server) readiness() error {
	if !s.ready.Load() {
		return errors.New("starting or stopping")
	}
	if s.stuck.Load() {
		return errors.New("the database can't be written")
	}
	if s.redis != nil {
		return s.redis.Ready()
	}
	return nil
}

// beat keeps in the database that this process lives, so that the next one
// knows how long nobody could do anything. A database that takes no beat
// takes nothing: the server is not ready while that lasts.
func (s *server) beat(ctx context.Context, now time.Time) {
	var err error
	if s.db != nil {
		err = s.db.Beat(ctx, now)
	} else {
		err = s.store.Ready(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	switch was := s.stuck.Swap(err != nil); {
	case err != nil && !was:
		s.log.Error("the database can't be written", zap.Error(err))
	case err == nil && was:
		s.log.Info("the database can be written again")
	}
}

// keep beats every second, and once an hour clears out what has had its time.
func (s *server) keep(ctx context.Context) {
	beat, sweep := time.NewTicker(time.Second), time.NewTicker(time.Hour)
	defer beat.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-beat.C:
			s.beat(ctx, now)
		case now := <-sweep.C:
			if err := s.store.Sweep(ctx, now.Add(-keepOver)); err != nil && ctx.Err() == nil {
				s.log.Error("what has had its time could not be cleared out", zap.Error(err))
			}
			if _, err := s.store.Desk(s.vault).Retain(ctx, s.cfg.periods(), now, false); err != nil && ctx.Err() == nil {
				s.log.Error("what of reports has had its time could not be cleared out", zap.Error(err))
			}
		}
	}
}

// close gives back what build took, newest first.
func (s *server) close() {
	if s.hub != nil {
		s.hub.Stop()
	}
	for _, l := range []net.Listener{s.public, s.admin} {
		if l != nil {
			l.Close()
		}
	}
	s.part()
	if s.store != nil {
		if err := s.store.Close(); err != nil {
			s.log.Error("the database didn't close well", zap.Error(err))
		}
	}
	if s.lock != nil {
		s.lock.release()
	}
}

func listen(flag, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, say("%s is taken by another program. Please stop that one, or choose another with %s.", addr, flag)
	}
	if err != nil {
		return nil, say("Hearth can't listen on %s: %w. Please choose another address with %s.", addr, err, flag)
	}
	return l, nil
}

func dbPath(data string) string { return filepath.Join(data, "hearth.db") }

// openDB opens the database, or says which file is the matter and what to do.
func openDB(ctx context.Context, data string) (*sqlstore.DB, error) {
	db, err := sqlstore.Open(ctx, dbPath(data), time.Now)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "sqlstore: "))
	}
	return db, nil
}
