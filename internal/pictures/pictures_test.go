package pictures

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// makes makes a picture and decodes what came of it.
func makes(t testing.TB, in []byte) (Picture, image.Image) {
	t.Helper()
	p, err := Make(in)
	if err != nil {
		t.Fatal(err)
	}
	return p, drawn(t, p)
}

// drawn decodes a picture, which must be what it says.
func drawn(t testing.TB, p Picture) image.Image {
	t.Helper()
	m, kind, err := image.Decode(bytes.NewReader(p.Bytes))
	if err != nil || "image/"+kind != p.Type || m.Bounds() != image.Rect(0, 0, p.W, p.H) || max(p.W, p.H) > Side {
		t.Fatalf("%s of %d by %d: %s %v, %v", p.Type, p.W, p.H, kind, m.Bounds(), err)
	}
	return m
}

// like says whether two colours are nearly the same.
func like(a, b color.Color) bool {
	x, y := color.NRGBAModel.Convert(a).(color.NRGBA), color.NRGBAModel.Convert(b).(color.NRGBA)
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 16 }
	return near(x.R, y.R) && near(x.G, y.G) && near(x.B, y.B) && near(x.A, y.A)
}

// at is the colour in the middle of a quarter.
func at(m image.Image, quarter int) color.Color {
	b := m.Bounds()
	return m.At(b.Dx()/4+quarter%2*b.Dx()/2, b.Dy()/4+quarter/2*b.Dy()/2)
}

func looksLikeQuarters(t *testing.T, m image.Image) {
	t.Helper()
	for i, c := range corners {
		if !like(at(m, i), c) {
			t.Errorf("quarter %d is %v, not %v", i, at(m, i), c)
		}
	}
}

func TestEveryKindArrives(t *testing.T) {
	wide := image.NewNRGBA64(image.Rect(0, 0, 64, 48))
	for i, p := 0, quarters(64, 48); i < 64*48; i++ {
		wide.Set(i%64, i/64, p.At(i%64, i/64))
	}
	for name, c := range map[string]struct {
		in   []byte
		w, h int
	}{
		"JPEG":                  {asJPEG(t, quarters(64, 48)), 64, 48},
		"PNG":                   {asPNG(t, quarters(64, 48)), 64, 48},
		"PNG of 16 bits":        {asPNG(t, wide), 64, 48},
		"large":                 {asPNG(t, quarters(4000, 3000)), 1600, 1200},
		"large, a whole factor": {asPNG(t, quarters(1000, 3200)), 500, 1600},
		"a little too large":    {asPNG(t, quarters(1602, 1000)), 1600, 999},
	} {
		t.Run(name, func(t *testing.T) {
			p, m := makes(t, c.in)
			if p.W != c.w || p.H != c.h {
				t.Errorf("%d by %d, not %d by %d", p.W, p.H, c.w, c.h)
			}
			looksLikeQuarters(t, m)
		})
	}
	for _, c := range []struct{ w, h, tw, th int }{{12000, 1, 1600, 1}, {1, 12000, 1, 1600}, {1, 1, 1, 1}} {
		if p, _ := makes(t, asPNG(t, quarters(c.w, c.h))); p.W != c.tw || p.H != c.th {
			t.Errorf("%d by %d becomes %d by %d", c.w, c.h, p.W, p.H)
		}
	}
}

func TestWebPArrives(t *testing.T) {
	holes := map[string]bool{"photo.webp": false, "photo-holes.webp": true, "drawing-holes.webp": true}
	for name, holed := range holes {
		p, m := makes(t, file(t, name))
		if p.W != 48 || p.H != 32 || holed && p.Type != PNG {
			t.Errorf("%s: %s of %d by %d", name, p.Type, p.W, p.H)
		}
		_, _, _, a := m.At(0, 0).RGBA()
		if r, _, b, full := m.At(24, 16).RGBA(); holed != (a == 0) || full != 0xffff || r < 0x4000 || b < 0x4000 {
			t.Errorf("%s: %v in the corner, %v in the middle", name, m.At(0, 0), m.At(24, 16))
		}
	}
	teal := color.NRGBA{10, 120, 130, 255}
	if _, m := makes(t, webpOf("VP8L", plainVP8L(3000, 2000, teal))); !like(m.At(800, 500), teal) {
		t.Errorf("it is %v", m.At(800, 500))
	}
}

// TestWhatItLeavesAs: PNG if there are holes or it is smaller so, else JPEG.
func TestWhatItLeavesAs(t *testing.T) {
	holed := noisy(300, 200)
	holed.Set(7, 7, color.RGBA{})
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{
		"a photo":              {asJPEG(t, noisy(300, 200)), JPEG},
		"a photo as PNG":       {asPNG(t, noisy(300, 200)), JPEG},
		"a drawing":            {asPNG(t, quarters(300, 200)), PNG},
		"a photo with a hole":  {asPNG(t, holed), PNG},
		"a drawing with glass": {webpOf("VP8L", plainVP8L(30, 20, color.NRGBA{9, 9, 9, 100})), PNG},
	} {
		p, m := makes(t, c.in)
		if p.Type != c.want {
			t.Errorf("%s leaves as %s", name, p.Type)
		}
		if p.Type == JPEG && len(p.Bytes) >= len(asPNG(t, m)) {
			t.Errorf("%s would be smaller as PNG", name)
		}
	}
}

// TestCMYK: printers' JPEGs are shown too.
func TestCMYK(t *testing.T) {
	_, m := makes(t, plainJPEG(40, 24, 4, 1, false))
	if want := (color.CMYK{C: 127, M: 127, Y: 127, K: 127}); !like(m.At(20, 12), want) {
		t.Errorf("%v, not %v", m.At(20, 12), want)
	}
}

// TestUpright: whichever way somebody held the phone.
func TestUpright(t *testing.T) {
	// Where the red, green, blue and white corner of the sensor is once it is
	// turned upright: EXIF 2.3, 4.6.4 A, Orientation.
	turned := map[uint16][4]int{
		1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
		5: {0, 2, 1, 3}, 6: {1, 3, 0, 2}, 7: {3, 1, 2, 0}, 8: {2, 0, 3, 1},
	}
	photo, drawing := asJPEG(t, quarters(320, 160)), asPNG(t, quarters(320, 160))
	for up, to := range turned {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			tiff := exif(order, up, "nowhere")
			for name, in := range map[string][]byte{
				"JPEG": withSegments(photo, segment(0xe0, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"), segment(0xe1, "Exif\x00\x00"+tiff)),
				"PNG":  withChunks(drawing, chunk("eXIf", tiff)),
			} {
				p, m := makes(t, in)
				if up >= 5 != (p.H > p.W) {
					t.Errorf("%s %d: %d by %d", name, up, p.W, p.H)
				}
				for corner, quarter := range to {
					if !like(at(m, quarter), corners[corner]) {
						t.Errorf("%s %d: quarter %d is %v, not %v", name, up, quarter, at(m, quarter), corners[corner])
					}
				}
			}
		}
	}
	lying := webpOf("VP8X", vp8x(8, 30, 20), "VP8L", plainVP8L(30, 20, color.NRGBA{9, 9, 9, 255}), "EXIF", exif(binary.LittleEndian, 6, "nowhere"))
	if p, _ := makes(t, lying); p.W != 20 || p.H != 30 {
		t.Errorf("a WebP is left lying: %d by %d", p.W, p.H)
	}
}

// TestEXIFThatSaysNothing: what can't be read is as it is.
func TestEXIFThatSaysNothing(t *testing.T) {
	good := exif(binary.LittleEndian, 6, "")
	spoilt := map[string]string{
		"empty": "", "another": strings.Replace(good, "II", "IX", 1), "number 9": exif(binary.LittleEndian, 9, ""), "number 0": exif(binary.LittleEndian, 0, ""),
		"far away": good[:4] + "\xff\xff\xff\xff" + good[8:], "at the end": good[:4] + string(binary.LittleEndian.AppendUint32(nil, uint32(len(good)-1))) + good[8:],
		"many fields": good[:8] + "\xff\xff" + strings.Replace(good[10:], "\x12\x01", "\x13\x01", 1), "of another kind": strings.Replace(good, "\x12\x01\x03", "\x12\x01\x04", 1),
	}
	for name, tiff := range spoilt {
		if up := orientation([]byte(tiff)); up != 1 {
			t.Errorf("%s: %d", name, up)
		}
	}
	for n := range len(good) - len("GPS ") {
		if up := orientation([]byte(good[:n])); up != 1 {
			t.Errorf("of %d bytes: %d", n, up)
		}
	}
	if up := orientation([]byte(good)); up != 6 {
		t.Errorf("of all: %d", up)
	}
}

// TestNothingElseIsInIt: canaries are planted wherever a picture can carry
// something, and found there; in what leaves they are not.
func TestNothingElseIsInIt(t *testing.T) {
	photo, drawing := asJPEG(t, quarters(64, 48)), asPNG(t, quarters(64, 48))
	script := "<script>canary</script>"
	tiff := exif(binary.LittleEndian, 1, "canary-gps")
	zip := "PK\x03\x04canary-zip" + strings.Repeat("\x00", 40) + "PK\x05\x06" + strings.Repeat("\x00", 18)
	for name, in := range map[string][]byte{
		"EXIF":       withSegments(photo, segment(0xe1, "Exif\x00\x00"+tiff)),
		"XMP":        withSegments(photo, segment(0xe1, "http://ns.adobe.com/xap/1.0/\x00"+script)),
		"ICC":        withSegments(photo, segment(0xe2, "ICC_PROFILE\x00\x01\x01canary-icc")),
		"IPTC":       withSegments(photo, segment(0xed, "Photoshop 3.0\x008BIM canary")),
		"comment":    withSegments(photo, segment(0xfe, script)),
		"zip behind": append(bytes.Clone(photo), zip...),
		"a second":   append(bytes.Clone(photo), withSegments(photo, segment(0xfe, "canary"))...),
		"PNG text": withChunks(drawing, chunk("tEXt", "Comment\x00"+script), chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+script),
			chunk("eXIf", tiff), chunk("prVt", "canary")),
		"PNG profile":     withChunks(drawing, chunk("iCCP", "canary-icc\x00\x00x\x9c\x03\x00\x00\x00\x00\x01")),
		"HTML behind PNG": append(bytes.Clone(drawing), "<html>"+script...),
		"WebP": webpOf("VP8X", vp8x(0x2c, 9, 9), "ICCP", "canary-icc", "VP8L", plainVP8L(9, 9, color.NRGBA{1, 2, 3, 255}),
			"EXIF", tiff, "XMP ", script, "junk", "canary"),
		"HTML behind WebP": append(bytes.Clone(file(t, "photo.webp")), script...),
	} {
		p, _ := makes(t, in)
		if !bytes.Contains(in, []byte("canary")) {
			t.Errorf("%s: the canary is not even in what came, so nothing is proved", name)
		}
		for _, word := range []string{"canary", "script", "GPS", "Exif", "ICC", "PK\x03", "xap", "html"} {
			if bytes.Contains(p.Bytes, []byte(word)) {
				t.Errorf("%s: %q is in what leaves", name, word)
			}
		}
		bare(t, name, p)
	}
}

// bare sees that a picture has no parts but those that draw it.
func bare(t *testing.T, name string, p Picture) {
	t.Helper()
	if p.Type == PNG {
		for b := p.Bytes[8:]; len(b) > 0; b = b[12+binary.BigEndian.Uint32(b):] {
			if part := string(b[4:8]); !strings.Contains("IHDR PLTE tRNS IDAT IEND", part) {
				t.Errorf("%s: there is a part %s", name, part)
			}
		}
		return
	}
	for b := p.Bytes[2:]; b[1] != 0xda; b = b[2+binary.BigEndian.Uint16(b[2:]):] {
		if b[1] >= 0xe0 {
			t.Errorf("%s: there is a segment %x", name, b[1])
		}
	}
	if !bytes.HasSuffix(p.Bytes, []byte{0xff, 0xd9}) {
		t.Errorf("%s: there is something behind the end", name)
	}
}

// TestRefused names every way in which a picture is none.
func TestRefused(t *testing.T) {
	photo, drawing := asJPEG(t, quarters(64, 48)), asPNG(t, quarters(64, 48))
	wide := asPNG(t, image.NewGray(image.Rect(0, 0, MaxSide+1, 1)))
	for name, c := range map[string]struct {
		in   []byte
		want Problem
	}{
		"nothing":           {nil, NotAPicture},
		"a text":            {[]byte("hello"), NotAPicture},
		"a page":            {[]byte("<html><img src=x onerror=alert(1)>"), NotAPicture},
		"a drawing in XML":  {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), NotAPicture},
		"a phone's HEIC":    {[]byte("\x00\x00\x00\x18ftypheic"), NotAPicture},
		"a sound":           {[]byte("RIFF\x04\x00\x00\x00WAVE"), NotAPicture},
		"a GIF":             {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), Animated},
		"APNG":              {withChunks(drawing, chunk("acTL", "\x00\x00\x00\x02\x00\x00\x00\x00")), Animated},
		"WebP that says so": {webpOf("VP8X", vp8x(2, 9, 9), "VP8L", plainVP8L(9, 9, color.NRGBA{})), Animated},
		"WebP with frames":  {webpOf("VP8X", vp8x(0, 9, 9), "ANMF", "x"), Animated},
		"too many bytes":    {append(bytes.Clone(photo), make([]byte, MaxBytes)...), TooBig},
		"a PNG bomb":        {pngOf(30_000, 30_000, 8, 6), TooManyPixels},
		"50,000 px":         {pngOf(50_000, 50_000, 1, 0), TooManyPixels},
		"a row too many":    {pngOf(6_000, 4_001, 8, 6), TooManyPixels},
		"2^31 px":           {pngOf(1<<31-1, 1, 1, 0), TooManyPixels},
		"a long PNG":        {wide, TooManyPixels},
		"a JPEG bomb":       {bombJPEG(), TooManyPixels},
		"a WebP bomb":       {webpOf("VP8L", plainVP8L(16_384, 16_384, color.NRGBA{})), TooManyPixels},
		"a hidden bomb":     {webpOf("VP8X", vp8x(0, 9, 9), "VP8L", plainVP8L(16_384, 16_384, color.NRGBA{})), Broken},
		"a bomb as a mask":  {webpOf("VP8X", vp8x(0x10, 16_384, 16_384), "ALPH", "\x01"+plainVP8L(16_384, 16_384, color.NRGBA{})[5:]), TooManyPixels},
		"too many scans":    {plainJPEG(8, 8, 3, maxScans+1, true), Broken},
		"no pixels":         {pngOf(9, 9, 8, 6), Broken},
		"no width":          {plainJPEG(0, 8, 3, 1, false), Broken},
		"no scan":           {plainJPEG(8, 8, 3, 0, false), Broken},
		"12 bits":           {bytes.Replace(photo, []byte("\xff\xc0\x00\x11\x08"), []byte("\xff\xc0\x00\x11\x0c"), 1), NotAPicture},
		"arithmetic codes":  {bytes.Replace(photo, []byte("\xff\xc0\x00\x11"), []byte("\xff\xc9\x00\x11"), 1), NotAPicture},
		"only the name":     {[]byte("\x89PNG\r\n\x1a\n"), Broken},
		"only a beginning":  {[]byte("\xff\xd8\xff"), Broken},
		"only a frame":      {[]byte("RIFF\x04\x00\x00\x00WEBP"), Broken},
		"one bit wrong":     {bytes.Replace(drawing, []byte("IDATx"), []byte("IDATy"), 1), Broken},
	} {
		p, err := Make(c.in)
		if !errors.Is(err, c.want) || p.Bytes != nil {
			t.Errorf("%s: %v, wanted %v", name, err, c.want)
		}
	}
	if _, m := makes(t, plainJPEG(8, 8, 3, maxScans, true)); !like(m.At(1, 1), color.Gray{128}) {
		t.Error("as many scans as may be are not drawn")
	}
}

// TestCutOff: of what is cut anywhere nothing is shown.
func TestCutOff(t *testing.T) {
	whole := map[string][]byte{
		"JPEG": asJPEG(t, noisy(200, 100)), "progressive JPEG": plainJPEG(400, 400, 3, 2, true), "PNG": asPNG(t, noisy(200, 100)),
		"photo.webp": file(t, "photo.webp"), "photo-holes.webp": file(t, "photo-holes.webp"), "drawing-holes.webp": file(t, "drawing-holes.webp"),
	}
	for name, in := range whole {
		makes(t, in)
		for i := range 20 {
			p, err := Make(in[:len(in)*i/20])
			if p.Bytes != nil || !errors.Is(err, Broken) && !errors.Is(err, NotAPicture) {
				t.Errorf("%s, %d/20: %v, %d bytes", name, i, err, len(p.Bytes))
			}
		}
	}
}

// TestProblemsSayNothingOfThePicture, whatever a decoder does.
func TestProblemsSayNothingOfThePicture(t *testing.T) {
	for _, err := range []error{errors.New("canary"), fmt.Errorf("canary %w", image.ErrFormat), jpeg.FormatError("canary"), jpeg.UnsupportedError("canary"), png.FormatError("canary")} {
		if got := problem(err); strings.Contains(got.Error(), "canary") {
			t.Errorf("%v", got)
		}
	}
}

// TestADecoderThatPanics is a broken picture, and what it says is not repeated.
func TestADecoderThatPanics(t *testing.T) {
	p, err := safely(func() (Picture, error) { panic("canary") })
	if err != error(Broken) || p.Bytes != nil {
		t.Errorf("%v", err)
	}
}

func FuzzMake(f *testing.F) {
	for _, in := range [][]byte{asJPEG(f, quarters(20, 10)), asPNG(f, quarters(20, 10)), file(f, "photo.webp"), file(f, "photo-holes.webp"), file(f, "drawing-holes.webp"),
		plainJPEG(20, 10, 4, 1, false), plainJPEG(20, 10, 3, 3, true), webpOf("VP8L", plainVP8L(9, 9, color.NRGBA{})),
		withSegments(asJPEG(f, quarters(20, 10)), segment(0xe1, "Exif\x00\x00"+exif(binary.BigEndian, 6, "x"))), []byte("GIF89a")} {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := Make(in)
		var is Problem
		if err != nil {
			if !errors.As(err, &is) || p.Bytes != nil {
				t.Fatalf("%v, %d bytes", err, len(p.Bytes))
			}
			return
		}
		drawn(t, p)
		bare(t, "it", p)
	})
}
