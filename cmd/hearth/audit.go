package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"hearth/circle"
	"hearth/internal/mail"
	"hearth/moderation"
)

// auditCmd is about the audit: what those who run the house did.
type auditCmd struct {
	Verify auditVerify `cmd:"" help:"Look the whole chain over, and hold it against anchors: those in the data folder, and files of your own."`
	Export struct{}    `cmd:"" help:"Print every line as JSON, oldest first."`
}

type auditVerify struct {
	Anchors []string `placeholder:"FILE" type:"existingfile" help:"Logs or mails that have anchors in them; several with commas."`
}

// run does what was asked for: which is "verify" or "export".
func (c *auditCmd) run(ctx context.Context, cfg *Config, which string, out io.Writer) error {
	db, err := openBeside(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if which == "export" {
		return exportAudit(ctx, db.Circles(), out)
	}
	key, err := cfg.auditKey()
	if err != nil {
		return err
	}
	return c.Verify.run(ctx, db.Circles(), key, filepath.Join(cfg.Data, anchorFile), out)
}

func (c *auditVerify) run(ctx context.Context, s circle.Audit, key ed25519.PrivateKey, own string, out io.Writer) error {
	anchors, err := readAnchors(key, append([]string{own}, c.Anchors...))
	if err != nil {
		return err
	}
	var heads []circle.AuditHead
	var last moderation.Anchor
	for _, a := range anchors {
		heads = append(heads, circle.AuditHead(a))
		if a.Seq >= last.Seq {
			last = a
		}
	}
	if err := s.VerifyAudit(ctx, heads...); err != nil {
		return err
	}
	if last.Seq == 0 {
		_, err = fmt.Fprintln(out, "Every line follows from the one before. There is no anchor to hold it against, so that its end was cut off, or all of it written anew, can't be seen.")
		return err
	}
	_, err = fmt.Fprintf(out, "Every line follows from the one before, and %s. Up to line %d, of %s, nothing can be missing; what came after it could be cut off unseen.\n",
		many(len(heads), "anchor fits", "anchors fit"), last.Seq, last.At.UTC().Format("2006-01-02 15:04 UTC"))
	return err
}

// readAnchors reads those that key has signed. One that it hasn't is refused:
// somebody put it there, or changed it.
func readAnchors(key ed25519.PrivateKey, names []string) (all []moderation.Anchor, err error) {
	for i, name := range names {
		b, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) && i == 0 { // none yet in the data folder
			continue
		}
		if err != nil {
			return nil, say("The anchors can't be read: %w.", err)
		}
		good, bad, err := moderation.ReadAnchors(bytes.NewReader(b), key.Public().(ed25519.PublicKey))
		if err != nil {
			return nil, say("The anchors in %s can't be read: %w.", name, err)
		}
		if bad > 0 {
			return nil, say("%s has %s that this house did not sign: somebody changed it, or it is another house's.", name, many(bad, "anchor", "anchors"))
		}
		all = append(all, good...)
	}
	return all, nil
}

// exportedLine is a line of the audit as it is exported.
type exportedLine struct {
	Seq   int64     `json:"seq"`
	At    time.Time `json:"at"`
	By    string    `json:"by,omitempty"` // empty: at the command line
	Did   string    `json:"did"`
	What  string    `json:"what"`
	Rule  string    `json:"rule,omitempty"`
	Words string    `json:"words,omitempty"` // commitment to what was typed
	Hash  string    `json:"hash"`
}

// exportAudit reads the audit page by page, newest first as it is kept, and
// prints it oldest first.
func exportAudit(ctx context.Context, s circle.Audit, out io.Writer) error {
	var all []circle.Acted
	for before := int64(0); ; {
		page, err := s.Audit(ctx, before, 1000)
		if err != nil {
			return fmt.Errorf("the audit can't be read: %w", err)
		}
		if len(page) == 0 {
			break
		}
		all = append(all, page...)
		before = page[len(page)-1].Seq
	}
	e := json.NewEncoder(out)
	for i := len(all) - 1; i >= 0; i-- {
		a := all[i]
		err := e.Encode(exportedLine{a.Seq, a.At.UTC(), string(a.By), a.Did, a.What, a.Rule, a.Words, a.Hash})
		if err != nil {
			return err
		}
	}
	return nil
}

// anchorFile has the anchors of this node, a line each, in the data folder:
// beside the database, so that whoever changes one has to think of the other.
const anchorFile = "audit.anchors"

// anchorEvery is how often the newest line of the audit is told outside.
const anchorEvery = 24 * time.Hour

// auditKey signs anchors.
func (c *Config) auditKey() (ed25519.PrivateKey, error) {
	seed, err := c.ownKey("audit", "anchors of the audit from before can't be checked then")
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// anchor tells the newest line of the audit outside: in the data folder, in
// the log, and by mail.
func (s *server) anchor(ctx context.Context, now time.Time) error {
	newest, err := s.store.Circles().Audit(ctx, 0, 1)
	if err != nil || len(newest) == 0 {
		return err
	}
	key, err := s.cfg.auditKey()
	if err != nil {
		return err
	}
	line := moderation.Anchor{Seq: newest[0].Seq, Hash: newest[0].Hash, At: now}.Sign(key)
	s.log.Info("the audit so far", zap.String("anchor", line))
	if err := appendLine(filepath.Join(s.cfg.Data, anchorFile), line); err != nil {
		return err
	}
	if s.cfg.AuditMail == "" {
		return nil
	}
	to, err := s.cfg.sender()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return to.Send(ctx, mail.Letter{To: s.cfg.AuditMail, Lang: "en", Subject: "The audit so far",
		Text: "Please keep this. It lets you tell later whether the audit was cut off before it, or written anew: hearth audit verify --anchors FILE.\n\n" + line + "\n"})
}

func appendLine(name, line string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// keepAnchoring does so at the start and then once a day.
func (s *server) keepAnchoring(ctx context.Context) {
	tick := time.NewTicker(anchorEvery)
	defer tick.Stop()
	for now := time.Now(); ; {
		if err := s.anchor(ctx, now); err != nil && ctx.Err() == nil {
			s.log.Error("the audit could not be anchored", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case now = <-tick.C:
		}
	}
}
