package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"hearth/room/formats"
)

// usualFormat is the format of a circle that asks for none.
const usualFormat = "peer-support"

// formatsCmd lists the formats, or checks files before they are put where
// the server reads them.
type formatsCmd struct {
	File []string `arg:"" optional:"" help:"Files to check. Without any, lists the formats."`
}

// formats are those that come with Hearth, and the operator's own.
func (c *Config) formats() ([]formats.Format, error) {
	all, err := formats.Builtin()
	if err != nil {
		return nil, fmt.Errorf("the built-in formats: %w", err)
	}
	if c.Formats == "" {
		return all, nil
	}
	own, err := formats.Load(os.DirFS(c.Formats))
	var broken *formats.Error
	switch {
	case errors.As(err, &broken):
		return nil, say("A format in %s can't be used, so nothing was started or made: a circle would go another way than you wrote. Please mend it, or take it out of the folder. %w", c.Formats, err)
	case err != nil:
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err // it would name the folder as "."
		}
		return nil, say("The folder of formats, %s, can't be read: %w. Please check --formats.", c.Formats, err)
	}
	return formats.Add(all, own), nil
}

// formatNamed finds a format, or says which there are.
func formatNamed(all []formats.Format, name string) (formats.Format, error) {
	if f, there := formats.Named(all, name); there {
		return f, nil
	}
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.Name
	}
	return formats.Format{}, say("There is no format %q. There are: %s.", name, strings.Join(names, ", "))
}

func (c *formatsCmd) run(cfg *Config, out io.Writer) error {
	if len(c.File) > 0 {
		return checkFormats(out, c.File)
	}
	all, err := cfg.formats()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Name, lasts(f), f.Description)
	}
	return w.Flush()
}

// lasts is how long a format takes, for a person.
func lasts(f formats.Format) string {
	if f.Time() == 0 {
		return "as it comes"
	}
	return fmt.Sprintf("%d min", f.Time()/time.Minute)
}

// checkFormats says of each file what is wrong with it, or that it is fine.
func checkFormats(out io.Writer, files []string) error {
	wrong := 0
	for _, name := range files {
		f, err := formats.Open(os.DirFS(filepath.Dir(name)), filepath.Base(name))
		if err != nil {
			wrong++
			fmt.Fprintln(out, err)
			continue
		}
		fmt.Fprintf(out, "%s is fine: %s, %d stages, %s.\n", filepath.Base(name), f.Name, len(f.Agenda), lasts(f))
	}
	if wrong > 0 {
		return say("%d of %d can't be used.", wrong, len(files))
	}
	return nil
}
