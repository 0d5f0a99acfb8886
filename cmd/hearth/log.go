package main

import (
	"io"
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// fields is every field a log line may have. Names, words, tokens, query
// strings and addresses of people are not among them and never will be.
var fields = []string{
	"addr",   // our own listen address
	"anchor", // the newest line of the audit: numbers and hashes
	"code",   // a refusal's or close code
	"count",  // how many
	"error",  // a fault of the machine: files, database, network
	"reason", // one of a package's own constants
	"room",   // a room's random id
	"seat",   // a seat's random id, unlinkable to a person or another room
	"signal", // what stopped us
	"stack",  // where a panic happened: functions and lines, no arguments
	"took",   // a duration
	"url",    // our own public address
}

// While something lasts, every room says the same: of one message the first
// logFirst in logEvery are written, then one in a thousand.
const (
	logFirst = 10
	logEvery = 10 * time.Second
)

// newLog writes JSON lines to w. Fields that are not on the list are left
// out, whoever sends them.
func newLog(w io.Writer, level string) (*zap.Logger, error) {
	at, err := zapcore.ParseLevel(level)
	if err != nil {
		return nil, err
	}
	enc := zap.NewProductionEncoderConfig()
	enc.TimeKey, enc.EncodeTime = "time", zapcore.TimeEncoderOfLayout(time.RFC3339Nano)
	core := zapcore.NewCore(zapcore.NewJSONEncoder(enc), zapcore.Lock(zapcore.AddSync(w)), at)
	return zap.New(zapcore.NewSamplerWithOptions(allowed{core}, logEvery, logFirst, 1000)), nil
}

// allowed lets only the fields of the list through.
type allowed struct{ zapcore.Core }

func (a allowed) With(f []zapcore.Field) zapcore.Core { return allowed{a.Core.With(only(f))} }

func (a allowed) Check(e zapcore.Entry, c *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if a.Enabled(e.Level) {
		return c.AddCore(e, a)
	}
	return c
}

func (a allowed) Write(e zapcore.Entry, f []zapcore.Field) error { return a.Core.Write(e, only(f)) }

// only keeps the fields of the list. An error is kept as its plain message
// alone: zap would add what else it can print.
func only(f []zapcore.Field) []zapcore.Field {
	kept := make([]zapcore.Field, 0, len(f))
	for _, f := range f {
		if !slices.Contains(fields, f.Key) {
			continue
		}
		if err, ok := f.Interface.(error); ok {
			f = zap.String(f.Key, plain(err).Error())
		}
		kept = append(kept, f)
	}
	return kept
}
