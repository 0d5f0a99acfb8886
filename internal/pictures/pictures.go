// Package pictures makes of a picture that somebody brings one that others
// may be shown: small, upright, and nothing in it but what is to be seen.
// Bytes go in and bytes come out; it keeps nothing and knows no room.
//
//	look    what it is, by its first bytes; moving or still; which way is up
//	config  how large it would be, before any of it is decoded
//	decode  one at a time for each Maker; a panic is a broken picture
//	shrink  longest side 1600 px; turned upright
//	encode  JPEG, or PNG if it has holes or is smaller
//
// What comes out was drawn anew from pixels, so nothing else of what came in
// is in it: no place, time or camera (EXIF, XMP), no comment, no colour
// profile, and nothing that was hung on behind. Without its profile a picture
// in wide colours looks a little paler.
//
// Of memory one picture takes in all, which is more than at once (TestMemory,
// 24 megapixels): a camera's JPEG 150 MB, a WebP 175 MB, a printer's
// progressive JPEG in four inks 650 MB, which is the most there is.
package pictures

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/webp"
)

// What a picture may be.
const (
	MaxBytes  = 8 << 20    // as it comes
	MaxPixels = 24_000_000 // width times height, as it comes
	MaxSide   = 12_000     // px, as it comes
	Side      = 1600       // px, the longest as it leaves
	quality   = 82         // of JPEG, of 100
	maxScans  = 64         // of a JPEG; encoders make about ten, and each is work for all pixels
)

// Types of the pictures that leave.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
)

// Problem is why there is no picture. It is an error and holds nothing of
// what came in.
type Problem string

// The problems.
const (
	TooBig        Problem = "too-big"         // more than MaxBytes
	TooManyPixels Problem = "too-many-pixels" // more than MaxPixels, or a side than MaxSide
	NotAPicture   Problem = "not-a-picture"   // not JPEG, PNG or WebP, or of a kind that can't be read here
	Animated      Problem = "animated"        // also any GIF
	Broken        Problem = "broken"          // cut off or damaged
	Busy          Problem = "busy"            // too many wait already
)

func (p Problem) Error() string { return "pictures: " + string(p) }

// Picture is one that may be shown.
type Picture struct {
	Bytes []byte
	Type  string // JPEG or PNG
	W, H  int    // px
}

// Make makes a picture of what somebody brought. The error is a Problem.
func Make(in []byte) (Picture, error) {
	return safely(func() (Picture, error) { return drawAnew(in) })
}

// safely makes a broken picture of a panic: a decoder's, and what it says may
// quote the picture.
func safely(f func() (Picture, error)) (p Picture, err error) {
	defer func() {
		if recover() != nil {
			p, err = Picture{}, Broken
		}
	}()
	return f()
}

func drawAnew(in []byte) (Picture, error) {
	if len(in) > MaxBytes {
		return Picture{}, TooBig
	}
	seen, err := look(in)
	if err != nil {
		return Picture{}, err
	}
	if err := seen.fits(in); err != nil {
		return Picture{}, err
	}
	m, err := seen.decode(in)
	if err != nil {
		return Picture{}, err
	}
	return encode(turn(shrink(m), seen.up))
}

// fits reads how large a picture would be, and nothing else of it.
func (s seen) fits(in []byte) error {
	var c image.Config
	var err error
	switch s.kind {
	case isJPEG:
		c, err = jpeg.DecodeConfig(bytes.NewReader(in))
	case isPNG:
		c, err = png.DecodeConfig(bytes.NewReader(in))
	default:
		c, err = webp.DecodeConfig(bytes.NewReader(in))
	}
	switch {
	case err != nil:
		return problem(err)
	case c.Width <= 0 || c.Height <= 0:
		return Broken
	case c.Width > MaxSide || c.Height > MaxSide || c.Width*c.Height > MaxPixels:
		return TooManyPixels
	}
	return nil
}

func (s seen) decode(in []byte) (m image.Image, err error) {
	switch s.kind {
	case isJPEG:
		m, err = jpeg.Decode(bytes.NewReader(in))
	case isPNG:
		m, err = png.Decode(bytes.NewReader(in))
	default:
		m, err = webp.Decode(bytes.NewReader(in))
	}
	if err != nil {
		return nil, problem(err)
	}
	return m, nil
}

// problem says what a decoder's error comes to.
func problem(err error) error {
	switch err.(type) {
	case jpeg.UnsupportedError, png.UnsupportedError:
		return NotAPicture
	}
	return Broken
}

// encode writes a picture as JPEG; as PNG if it has holes, or is smaller so.
func encode(m *image.RGBA) (Picture, error) {
	p := Picture{W: m.Rect.Dx(), H: m.Rect.Dy(), Type: PNG}
	b := &capped{most: 4*p.W*p.H + 1<<16}
	if m.Opaque() {
		var photo bytes.Buffer
		if err := jpeg.Encode(&photo, m, &jpeg.Options{Quality: quality}); err != nil {
			return Picture{}, Broken
		}
		p.Type, p.Bytes, b.most = JPEG, photo.Bytes(), photo.Len()
	}
	if err := png.Encode(b, m); err == nil {
		p.Type, p.Bytes = PNG, b.Bytes()
	}
	if p.Bytes == nil {
		return Picture{}, Broken
	}
	return p, nil
}

// capped is a buffer that takes no more than most bytes, so that a photo's
// PNG is given up as soon as it is the larger.
type capped struct {
	bytes.Buffer
	most int
}

// Write is io.Writer's.
func (c *capped) Write(b []byte) (int, error) {
	if c.Len()+len(b) > c.most {
		return 0, TooBig
	}
	return c.Buffer.Write(b)
}
