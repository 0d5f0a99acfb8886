package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"hearth/moderation"
	"hearth/room"
)

// Config is everything an operator can choose. Its defaults stand here and
// nowhere else. A flag wins over the HEARTH_… variable of the same name, that
// over the file, that over the default.
type Config struct {
	ConfigFile string `name:"config" placeholder:"FILE" json:"-" help:"A JSON file with settings, named like the flags: {\"max-seats\": 12}."`

	Data         string         `default:"./hearth-data" json:"data" help:"Folder for everything that is kept."`
	Listen       string         `default:"127.0.0.1:8080" json:"listen" help:"Address to serve circles on."`
	PublicURL    string         `name:"public-url" json:"public-url" placeholder:"URL" help:"What people type to get here. Needed when others can reach --listen. (http://localhost:PORT)"`
	AdminListen  string         `default:"127.0.0.1:8081" json:"admin-listen" help:"Address for /metrics, /livez, /readyz and pprof. Empty: off."`
	AdminToken   Sensitive      `json:"admin-token" placeholder:"SECRET" help:"Bearer token for /metrics and pprof. Needed when others can reach --admin-listen."`
	TrustedProxy []netip.Prefix `json:"trusted-proxy" placeholder:"CIDR" help:"Networks whose X-Forwarded-For is believed."`
	CrisisFile   string         `json:"crisis-file" placeholder:"FILE" help:"Signposts for a crisis, instead of the built-in ones; same form as web/face/crisis.json."`
	LeaveTo      string         `json:"leave-to" placeholder:"URL" help:"Where \"Leave quickly\" goes. (an empty page)"`
	NoDirectory  bool           `json:"no-directory" help:"No list of circles: people come by a link alone."`
	ModeratorKey []string       `json:"moderator-key" placeholder:"KEY" help:"Public keys of the organisation, as hearth moderator-key make prints them: every report is sealed to them too. Their other halves are on no server."`
	LogLevel     string         `default:"info" enum:"debug,info,warn,error" json:"log-level" help:"debug, info, warn or error."`

	Redis            Sensitive `json:"redis" placeholder:"URL" help:"Redis in which several nodes share their rooms: redis://user@host:6379, rediss://… with TLS. (rooms in the data folder, one node)"`
	RedisPassword    string    `name:"redis-password-file" json:"redis-password-file" placeholder:"FILE" help:"File with the password of Redis; wins over one in the URL."`
	RedisCA          string    `name:"redis-ca-file" json:"redis-ca-file" placeholder:"FILE" help:"Certificate authority that Redis is checked by. (the system's)"`
	RedisAck         string    `name:"redis-ack" default:"primary" enum:"primary,replica" json:"redis-ack" help:"When a thing counts as written: primary, or when a replica has it too."`
	Secret           string    `name:"secret-file" json:"secret-file" placeholder:"FILE" help:"File with the secret that all nodes share, 32 random bytes or more. Needed with --redis."`
	Database         Sensitive `json:"database" placeholder:"URL" help:"PostgreSQL for circles and invites: postgres://user@host:5432/database. Needed with --redis. (SQLite in the data folder)"`
	DatabasePassword string    `name:"database-password-file" json:"database-password-file" placeholder:"FILE" help:"File with the password of PostgreSQL; wins over one in the URL."`

	SMTP         Sensitive `name:"smtp" json:"smtp" placeholder:"URL" help:"Mail server for reminders that people ask for: smtp://user@host:587 with STARTTLS, smtps://user@host:465. (no reminders)"`
	SMTPPassword string    `name:"smtp-password-file" json:"smtp-password-file" placeholder:"FILE" help:"File with its password; wins over one in the URL."`
	MailFrom     string    `json:"mail-from" placeholder:"ADDRESS" help:"Who reminders are from: Hearth <hearth@example.org>. Needed with --smtp."`

	OnCallMail    []string  `json:"on-call-mail" placeholder:"ADDRESS" help:"Who is called when a report waits too long; several with commas. Needs --smtp."`
	EmergencyMail []string  `json:"emergency-mail" placeholder:"ADDRESS" help:"The organisation's emergency contact, called too after three minutes; several with commas. Needs --smtp."`
	OnCallWebhook Sensitive `json:"on-call-webhook" placeholder:"URL" help:"Address that such a call is POSTed to as JSON."`
	OnCallSecret  string    `name:"on-call-webhook-secret-file" json:"on-call-webhook-secret-file" placeholder:"FILE" help:"File with the secret that these calls are signed with, in the header Hearth-Signature. (not signed)"`

	AuditMail string `json:"audit-mail" placeholder:"ADDRESS" help:"Who gets the newest line of the audit once a day, to hold it against later. Needs --smtp. (the log and the data folder alone)"`

	KeepEvidence   int `default:"30" json:"keep-evidence" help:"Days that evidence is kept after the decision."`
	KeepAppealable int `default:"183" json:"keep-appealable" help:"Days that evidence and statements are kept of what can be appealed."`
	KeepCare       int `default:"7" json:"keep-care" help:"Days that the texts of care reports are kept after they ended."`
	KeepReports    int `default:"365" json:"keep-reports" help:"Days that the facts of reports are kept."`
	KeepBans       int `default:"30" json:"keep-bans" help:"Days that bans are kept after their end."`

	Formats     string    `json:"formats" placeholder:"FOLDER" help:"Folder with formats of your own (.toml), beside the built-in ones; hearth formats lists and checks them."`
	MaxSeats    int       `default:"30" json:"max-seats" help:"Members and listeners in one room, 2 to 100."`
	TurnTime    Duration  `default:"0s" json:"turn-time" help:"Soft time of a turn in circles without an agenda, told to the speaker only. 0: as it comes."`
	OfferWindow *Duration `json:"offer-window,omitempty" placeholder:"TIME" help:"How long the stick waits for an answer before it goes on. (as the circle's format has it, else 90s)"`
	Grace       *Duration `json:"grace,omitempty" placeholder:"TIME" help:"How long the stick waits for a speaker whose line dropped. (as the format has it, else 30s)"`
	KeeperGrace *Duration `json:"keeper-grace,omitempty" placeholder:"TIME" help:"How long the circle waits for its facilitator before it rests. (as the format has it, else 60s)"`
}

// Duration is a time.Duration that reads and prints like 90s or 1h30m.
type Duration time.Duration

// UnmarshalText reads what time.ParseDuration does.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is not a time like 90s or 2m", b)
	}
	*d = Duration(v)
	return nil
}

// MarshalText prints the shortest form: 1m30s.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Sensitive is a secret. Every way of printing it prints [redacted].
type Sensitive string

const redacted = "[redacted]"

// Format hides the secret from every verb of fmt.
func (s Sensitive) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String hides the secret; empty stays empty, so that one sees it isn't set.
func (s Sensitive) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// MarshalText hides the secret from JSON and text encoders.
func (s Sensitive) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// check refuses what can't work, in a sentence that says what to do.
func (c *Config) check() error {
	switch {
	case c.Data == "":
		return say("--data is empty. Please name a folder, for example --data ./hearth-data.")
	case c.MaxSeats < 2 || c.MaxSeats > room.MostSeats:
		return say("--max-seats is %d. Please choose 2 to %d.", c.MaxSeats, room.MostSeats)
	}
	if err := c.settings(room.DefaultSettings()).Check(); err != nil {
		return say("%w. Please give times like 90s; only --turn-time may be 0.", err)
	}
	if err := c.checkPublicURL(); err != nil {
		return err
	}
	if err := c.checkShared(); err != nil {
		return err
	}
	if _, err := c.offline(); err != nil {
		return err
	}
	if err := c.checkKeeping(); err != nil {
		return err
	}
	if err := c.checkAlarms(); err != nil {
		return err
	}
	if c.AdminListen != "" && !loopback(c.AdminListen) && c.AdminToken == "" {
		return say("--admin-listen %s can be reached by others. Please use 127.0.0.1, or set HEARTH_ADMIN_TOKEN.", c.AdminListen)
	}
	return nil
}

// checkKeeping: how long things are kept, and where the audit goes.
func (c *Config) checkKeeping() error {
	for flag, days := range map[string]int{"--keep-evidence": c.KeepEvidence, "--keep-appealable": c.KeepAppealable, "--keep-care": c.KeepCare,
		"--keep-reports": c.KeepReports, "--keep-bans": c.KeepBans} {
		if days < 1 || days > 3650 {
			return say("%s is %d. Please choose 1 to 3650 days.", flag, days)
		}
	}
	if c.AuditMail != "" && c.SMTP == "" {
		return say("--audit-mail needs a mail server. Please give --smtp too.")
	}
	return nil
}

// periods is how long things are kept.
func (c *Config) periods() moderation.Periods {
	days := func(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
	return moderation.Periods{Evidence: days(c.KeepEvidence), Appealable: days(c.KeepAppealable), CareText: days(c.KeepCare),
		Metadata: days(c.KeepReports), Bans: days(c.KeepBans)}
}

// checkShared: what several nodes need comes together or not at all.
func (c *Config) checkShared() error {
	switch {
	case c.Redis == "" && c.Database == "":
		return nil
	case c.Redis == "":
		return say("--database is for several nodes, which share their rooms in Redis. Please give --redis too, or leave --database out.")
	case c.Database == "":
		return say("Several nodes can't share a SQLite file. With --redis, please give --database postgres://… too.")
	case c.Secret == "":
		return say("With --redis, every node needs the same secret. Please make one with: head -c 32 /dev/urandom > secret, and give --secret-file secret.")
	}
	return nil
}

func (c *Config) checkPublicURL() error {
	if c.PublicURL == "" {
		if loopback(c.Listen) {
			return nil
		}
		return say("--listen %s can be reached by others, so Hearth needs to know its address. Please add --public-url https://….", c.Listen)
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return say("--public-url must be a scheme and a host only, like https://circle.example.org.")
	}
	u.Host = strings.TrimSuffix(strings.ToLower(u.Host), map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	if u.Scheme != "https" && (u.Scheme != "http" || !localName(u.Hostname())) {
		return say("--public-url must begin with https:// unless it is http://localhost. Cookies and sign-in need it.")
	}
	c.PublicURL = u.Scheme + "://" + u.Host
	return nil
}

// public returns the address people type, for a server listening on listen.
func (c *Config) public(listen string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	_, port, _ := net.SplitHostPort(listen)
	return "http://localhost:" + port
}

// settings are the circle's choices, with those that the operator makes
// instead.
func (c *Config) settings(s room.Settings) room.Settings {
	if s.Aside != "" {
		return s // for two or three
	}
	s.MaxSeats = min(s.MaxSeats, c.MaxSeats)
	s.TurnTime = time.Duration(c.TurnTime)
	for to, chosen := range map[*time.Duration]*Duration{&s.OfferWindow: c.OfferWindow, &s.Grace: c.Grace, &s.KeeperGrace: c.KeeperGrace} {
		if chosen != nil {
			*to = time.Duration(*chosen)
		}
	}
	return s
}

// loopback says whether only this machine can reach a listen address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && localName(host)
}

// onLocalhost says whether a public address is only good on this machine.
func onLocalhost(public string) bool {
	u, err := url.Parse(public)
	return err == nil && localName(u.Hostname())
}

func localName(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// readFile hands kong the settings of --config, and refuses names it doesn't
// know: a misspelt setting would otherwise be a setting not made.
func readFile(k *kong.Kong, ctx *kong.Context) error {
	var path string
	known := []string{}
	for _, f := range k.Model.Flags {
		if f.Name == "config" {
			path, _ = ctx.FlagValue(f).(string)
		} else if f.Name != "help" {
			known = append(known, f.Name)
		}
	}
	if path == "" {
		return nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return say("The settings file can't be read: %w. Please check --config.", err)
	}
	values := map[string]any{}
	if err := json.Unmarshal(b, &values); err != nil {
		return say("The settings file %s is not JSON: %w.", path, err)
	}
	for name := range values {
		if !slices.Contains(known, name) {
			return say("The settings file %s has %q, which is no setting. There are: %s.", path, name, strings.Join(known, ", "))
		}
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
		for _, env := range f.Envs {
			if _, set := os.LookupEnv(env); set {
				return nil, nil
			}
		}
		return values[f.Name], nil
	}))
	return nil
}
